import { createDigester, algorithmOf, digestOf, type Digest } from './digest.ts'
import type { Platform } from './platform.ts'
import { WaybillError } from './error.ts'

/** What names content exactly: media type, digest and size in bytes. OCI image-spec, descriptor.md. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly platform?: Platform
  readonly annotations?: Readonly<Record<string, string>>
  readonly artifactType?: string
  readonly urls?: readonly string[]
  /** The content itself, base64, where it is small enough to be embedded. */
  readonly data?: string
}

/** The descriptor of bytes at hand. */
export function describe(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength }
}

/**
 * Passes chunks on and checks, at the end, that size and digest are what the descriptor says; stops as soon as there are too many.
 * `where` names the place that was read, for the error.
 * @throws {ERR_DIGEST_MISMATCH} naming expected and found.
 */
export async function* verified(
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  where: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digester = createDigester(algorithmOf(descriptor.digest))
  for await (const chunk of chunks) {
    digester.update(chunk)
    if (digester.size > descriptor.size)
      throw wrongSize(descriptor, { size: digester.size, isWhole: false }, where)
    yield chunk
  }
  if (digester.size !== descriptor.size)
    throw wrongSize(descriptor, { size: digester.size, isWhole: true }, where)
  const found = digester.digest()
  if (found !== descriptor.digest) throw digestMismatch(where, descriptor.digest, found)
}

/** The error for content that is not what its name says. */
export function digestMismatch(where: string, expected: string, found: string): WaybillError {
  return new WaybillError('ERR_DIGEST_MISMATCH', `${where}: expected ${expected}, found ${found}`, {
    hint: 'The content was changed or damaged after it was named; remove it and make or fetch it again.',
    details: { where, expected, found },
  })
}

/** The error for content of another size than its name says; what is too long is not read to its end. */
export function wrongSize(
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  found: { readonly size: number; readonly isWhole: boolean },
  where: string,
): WaybillError {
  const { size: foundSize, isWhole } = found
  return new WaybillError(
    'ERR_DIGEST_MISMATCH',
    `${where}: expected ${size} bytes of ${digest}, found ${isWhole ? '' : 'at least '}${foundSize} bytes`,
    { details: { where, expected: digest, expectedSize: size, foundSize } },
  )
}
