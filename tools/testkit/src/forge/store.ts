import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { collect, createDigester, makeFolder, parseJson, writeFileAtomic } from '@waybill/core'
import type { ForgeState } from './state.ts'

/** What is known of a file once it is whole. */
export interface StoredFile {
  readonly size: number
  readonly digest: string
}

/** Where a forge keeps what it knows and the files of its releases. */
export interface ForgeStore {
  readonly state: ForgeState
  /** Makes what was changed in `state` last. */
  save(): Promise<void>
  /** Keeps a file under a number; what came of one that breaks off is lost. */
  put(id: number, body: AsyncIterable<Uint8Array>): Promise<StoredFile>
  read(id: number): AsyncIterable<Uint8Array>
  remove(id: number): Promise<void>
}

const nothing = (): ForgeState => ({ lastId: 0, repositories: {} })

/** Keeps everything in memory. */
export function memoryForge(): ForgeStore {
  const files = new Map<number, Uint8Array>()
  return {
    state: nothing(),
    save: () => Promise.resolve(),
    async put(id, body) {
      const digester = createDigester()
      const bytes = await collect(digesting(body, digester), Infinity, `file ${id}`)
      files.set(id, bytes)
      return { size: digester.size, digest: digester.digest() }
    },
    async *read(id) {
      await Promise.resolve()
      yield files.get(id) ?? new Uint8Array()
    },
    remove: (id) => Promise.resolve(void files.delete(id)),
  }
}

/** Keeps everything in a folder, which is readable after a kill at any moment and can be served again. */
export async function diskForge(root: string): Promise<ForgeStore> {
  await makeFolder(join(root, 'files'))
  const path = join(root, 'forge.json')
  const state = existsSync(path) ? (parseJson(await readFile(path), path) as ForgeState) : nothing()
  const at = (id: number): string => join(root, 'files', String(id))
  let saving = Promise.resolve()
  return {
    state,
    save: () => (saving = saving.then(() => writeFileAtomic(path, `${JSON.stringify(state)}\n`))),
    async put(id, body) {
      const digester = createDigester()
      await pipeline(digesting(body, digester), createWriteStream(at(id)))
      return { size: digester.size, digest: digester.digest() }
    },
    read: (id) => createReadStream(at(id)),
    remove: (id) => rm(at(id), { force: true }),
  }
}

async function* digesting(
  body: AsyncIterable<Uint8Array>,
  digester: ReturnType<typeof createDigester>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    digester.update(chunk)
    yield chunk
  }
}
