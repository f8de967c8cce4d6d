import { createReadStream, rmSync } from 'node:fs'
import { mkdtemp, open, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface KeepOptions {
  /** Bytes that may stay in memory; more go to a file. @default 8 MiB */
  readonly memory?: number
  /** Where the file goes. @default a temporary folder that goes with the process */
  readonly folder?: string
}

/** Keeps a stream that is to be read again: a small one in memory, a large one in a file. */
export async function keep(
  stream: AsyncIterable<Uint8Array>,
  options: KeepOptions = {},
): Promise<() => AsyncIterable<Uint8Array>> {
  const memory = options.memory ?? MEMORY
  const chunks: Uint8Array[] = []
  let size = 0
  let spilled: { readonly file: FileHandle; readonly path: string } | undefined
  try {
    for await (const chunk of stream) {
      size += chunk.byteLength
      if (spilled === undefined && size <= memory) chunks.push(chunk)
      else {
        spilled ??= await spill(chunks.splice(0), options.folder)
        await spilled.file.writeFile(chunk)
      }
    }
  } finally {
    await spilled?.file.close()
  }
  const path = spilled?.path
  if (path === undefined) return () => each(chunks)
  return () => createReadStream(path, { highWaterMark: CHUNK })
}

const MEMORY = 8 * 1024 * 1024
const CHUNK = 256 * 1024

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks
}

let shared: Promise<string> | undefined
let count = 0

async function spill(
  chunks: readonly Uint8Array[],
  folder: string | undefined,
): Promise<{ readonly file: FileHandle; readonly path: string }> {
  const path = join(folder ?? (await (shared ??= makeFolder())), `kept-${count++}`)
  const file = await open(path, 'wx', 0o600)
  for (const chunk of chunks) await file.writeFile(chunk)
  return { file, path }
}

async function makeFolder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'waybill-layers-'))
  process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  return made
}
