import { randomUUID } from 'node:crypto'
import { algorithmOf, createDigester, type Digest, type Digester } from '@waybill/core'
import type { Staged } from '../store/storage.ts'
import type { Store } from '../store/store.ts'

export type Algorithm = 'sha256' | 'sha512'

/** One upload under way. */
export interface Upload {
  readonly id: string
  readonly name: string
  readonly staged: Staged
  append(chunks: AsyncIterable<Uint8Array>): Promise<void>
  /** The digest of the bytes so far; ends the running digest. */
  digest(algorithm: Algorithm): Promise<Digest>
}

/** The uploads under way, by id. */
export interface Uploads {
  start(name: string, algorithm: Algorithm): Promise<Upload>
  find(name: string, id: string): Upload | undefined
  end(upload: Upload): void
  cancel(upload: Upload): Promise<void>
}

// Clients may vanish: of more uploads than this the one begun first is given up.
const LIMIT = 1000

/** Keeps uploads until they are finished or cancelled. */
export function createUploads(store: Store): Uploads {
  const uploads = new Map<string, Upload>()
  const end: Uploads['end'] = ({ id }) => void uploads.delete(id)
  const cancel: Uploads['cancel'] = async (upload) => {
    end(upload)
    await upload.staged.discard()
  }
  return {
    async start(name, algorithm) {
      const [oldest] = uploads.values()
      if (uploads.size >= LIMIT && oldest !== undefined) await cancel(oldest)
      const upload = createUpload(name, await store.stageBlob(), algorithm)
      uploads.set(upload.id, upload)
      return upload
    },
    find(name, id) {
      const upload = uploads.get(id)
      return upload?.name === name ? upload : undefined
    },
    end,
    cancel,
  }
}

// The digest runs along; only a client that asks for another algorithm at the end makes the bytes be read again.
function createUpload(name: string, staged: Staged, algorithm: Algorithm): Upload {
  const running = createDigester(algorithm)
  return {
    id: randomUUID(),
    name,
    staged,
    append: (chunks) => staged.append(passing(chunks, running)),
    async digest(asked) {
      if (asked === algorithm) return running.digest()
      const again = createDigester(asked)
      for await (const chunk of staged.read()) again.update(chunk)
      return again.digest()
    },
  }
}

async function* passing(
  chunks: AsyncIterable<Uint8Array>,
  digester: Digester,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    digester.update(chunk)
    yield chunk
  }
}

/** Whether the bytes that were sent are what their digest says. */
export async function isWhole(upload: Upload, digest: Digest): Promise<boolean> {
  return (await upload.digest(algorithmOf(digest))) === digest
}
