import { createReadStream, rmSync } from 'node:fs'
import { mkdtemp, open, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Keeps a stream that is to be read again: small ones in memory, large ones in a temporary file that goes with the process. */
export async function keep(
  stream: AsyncIterable<Uint8Array>,
): Promise<() => AsyncIterable<Uint8Array>> {
  const chunks: Uint8Array[] = []
  let size = 0
  let spilled: { readonly file: FileHandle; readonly path: string } | undefined
  try {
    for await (const chunk of stream) {
      size += chunk.byteLength
      if (spilled === undefined && size <= MEMORY) chunks.push(chunk)
      else {
        spilled ??= await spill(chunks.splice(0))
        await spilled.file.writeFile(chunk)
      }
    }
  } finally {
    await spilled?.file.close()
  }
  const path = spilled?.path
  return path === undefined
    ? () => each(chunks)
    : () => createReadStream(path, { highWaterMark: CHUNK })
}

const MEMORY = 16 * 1024 * 1024
const CHUNK = 256 * 1024

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks
}

let folder: Promise<string> | undefined
let count = 0

async function spill(
  chunks: readonly Uint8Array[],
): Promise<{ readonly file: FileHandle; readonly path: string }> {
  const path = join(await (folder ??= makeFolder()), String(count++))
  const file = await open(path, 'wx', 0o600)
  for (const chunk of chunks) await file.writeFile(chunk)
  return { file, path }
}

async function makeFolder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'waybill-layers-'))
  process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  return made
}
