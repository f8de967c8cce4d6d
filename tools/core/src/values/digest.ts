import { createHash } from 'node:crypto'
import { WaybillError } from './error.ts'

/** A content digest: algorithm and lower-case hex. Waybill writes sha256 and reads both. OCI image-spec, descriptor.md#digests. */
export type Digest = `sha256:${string}` | `sha512:${string}`

const GRAMMAR = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/** Tells whether a text is a whole, well-formed sha256 or sha512 digest. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && GRAMMAR.test(text)
}

/**
 * Reads a digest.
 * @throws {ERR_INVALID_DIGEST} for anything but `sha256:` and 64, or `sha512:` and 128, lower-case hex digits.
 */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text
  throw new WaybillError(
    'ERR_INVALID_DIGEST',
    `Expected a sha256 or sha512 digest, found "${text.slice(0, 160)}"`,
  )
}

/** The sha256 digest of bytes, or of a text as UTF-8. */
export function digestOf(content: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

/** A running digest over a stream; `size` counts the bytes so far. */
export interface Digester {
  update(chunk: Uint8Array): void
  digest(): Digest
  readonly size: number
}

/** Starts a running digest. */
export function createDigester(algorithm: 'sha256' | 'sha512' = 'sha256'): Digester {
  const hash = createHash(algorithm)
  let size = 0
  return {
    update(chunk) {
      size += chunk.byteLength
      hash.update(chunk)
    },
    digest: () => `${algorithm}:${hash.digest('hex')}` as Digest,
    get size() {
      return size
    },
  }
}

/** The algorithm of a digest. */
export function algorithmOf(digest: Digest): 'sha256' | 'sha512' {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256'
}
