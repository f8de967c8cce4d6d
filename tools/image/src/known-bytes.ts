import { stat } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import {
  createDigester,
  digestFile,
  openFile,
  plainCopy,
  type Artifact,
  type Digest,
} from '@waybill/core'

/** How many bytes may still be kept. */
export interface ByteBudget {
  bytes: number
  /** The most of one file. */
  readonly each: number
}

// By the artifact itself, so that nothing that looks like it has the bytes; and with their digest, in case the artifact is changed.
const known = new WeakMap<Artifact, { readonly digest: Digest; readonly bytes: Uint8Array }>()

/** What a file holds; the bytes themselves where there was room to keep them. */
export interface HashedFile {
  readonly digest: Digest
  readonly size: number
  readonly bytes?: Uint8Array
}

/** Hashes a file, in memory as long as there is room. @throws {ERR_CANCELLED} */
export async function hashFile(
  file: string,
  room: ByteBudget,
  signal?: AbortSignal,
): Promise<HashedFile> {
  const { size } = await stat(file)
  if (size > Math.min(room.each, room.bytes)) return digestFile(file, signal)
  room.bytes -= size
  const { bytes, digest } = await readHashed(file)
  return { bytes, digest, size: bytes.byteLength }
}

/** Keeps the bytes that an artifact's digest was made of, if any were, as long as the artifact itself: they need not be read and hashed a second time. */
export function withBytes(artifact: Artifact, { digest, bytes }: HashedFile): Artifact {
  if (bytes !== undefined) known.set(artifact, { digest, bytes })
  return artifact
}

/** The bytes of an artifact, where they were kept and are still those of its digest. */
export function recallBytes(artifact: Artifact): Uint8Array | undefined {
  const found = known.get(artifact)
  return found?.digest === artifact.digest ? found.bytes : undefined
}

/** A copy of an artifact that nobody else can change, with the bytes that were kept of it. Whatever compares or packs files begins with it. */
export function ownArtifact(artifact: Artifact): Artifact {
  const own = plainCopy(artifact)
  const found = known.get(artifact)
  if (found !== undefined) known.set(own, found)
  return own
}

const STEP = 4 * 1024 * 1024

/** Reads a file whole and hashes it, in steps: answers that come in meanwhile are not kept waiting. */
export async function readHashed(
  file: string,
): Promise<{ readonly bytes: Uint8Array; readonly digest: Digest }> {
  const bytes = await readWhole(file)
  const digester = createDigester()
  for (let at = 0; at < bytes.byteLength; at += STEP) {
    digester.update(bytes.subarray(at, at + STEP))
    await setImmediate()
  }
  return { bytes, digest: digester.digest() }
}

// In one step as long as nobody writes to it; Node's own way takes one for every half megabyte.
async function readWhole(path: string): Promise<Uint8Array> {
  const file = await openFile(path)
  try {
    const { size } = await file.stat()
    const buffer = Buffer.allocUnsafeSlow(size)
    const { bytesRead } = await file.read(buffer, 0, size, null)
    if (bytesRead === size) return buffer
    return Buffer.concat([buffer.subarray(0, bytesRead), await file.readFile()])
  } finally {
    await file.close()
  }
}
