import { WaybillError, compareText, type ByteStream } from '@waybill/core'
import { completeHeader, encodeHeader, invalidEntry, padding } from './encode-header.ts'
import { BLOCK, type TarInput } from './entry.ts'

/**
 * Writes a tar archive: the same bytes for the same entries, in the order given. ustar headers, a pax header only where a name or number
 * does not fit; numeric owners alone; no path twice; two zero blocks at the end and nothing after them.
 * @throws {ERR_INVALID_ENTRY} {ERR_WRONG_SIZE} when a content is not as long as it was said to be.
 */
export async function* writeTar(
  entries: Iterable<TarInput> | AsyncIterable<TarInput>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const written = new Set<string>()
  for await (const entry of entries) {
    const header = completeHeader(entry)
    if (written.has(header.path)) throw invalidEntry(header.path, 'given twice')
    written.add(header.path)
    yield encodeHeader(header)
    if (header.type === 'file') {
      yield* exactly(openContent(entry), header.size, entry.path)
      if (header.size % BLOCK > 0) yield padding(header.size)
    }
  }
  yield new Uint8Array(2 * BLOCK)
}

/** Opens an entry's content. */
export function openContent({ content = [] }: TarInput): ByteStream {
  if (content instanceof Uint8Array) return [content]
  return typeof content === 'function' ? content() : content
}

/** Passes content on and checks its length. @throws {ERR_WRONG_SIZE} */
export async function* exactly(
  content: ByteStream,
  size: number,
  path: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let found = 0
  for await (const chunk of content) {
    found += chunk.byteLength
    if (found > size) throw wrongSize(path, size, `more than ${size}`)
    yield chunk
  }
  if (found !== size) throw wrongSize(path, size, `${found}`)
}

function wrongSize(path: string, size: number, found: string): WaybillError {
  return new WaybillError('ERR_WRONG_SIZE', `${path}: expected ${size} bytes, found ${found}`, {
    hint: 'The file changed while it was read; leave it alone and run the same again.',
    details: { path, size, found },
  })
}

/** Sorts entries by the bytes of their paths, so that a folder comes before what it holds. */
export function sortEntries<Entry extends { readonly path: string }>(
  entries: Iterable<Entry>,
): Entry[] {
  return [...entries].toSorted((a, b) => comparePaths(a.path, b.path))
}

/** Orders paths by their UTF-8 bytes, like `LC_ALL=C sort`. */
export function comparePaths(a: string, b: string): number {
  // Code units and bytes order alike as long as there are no surrogates.
  return /[\uD800-\uFFFF]/.test(a + b)
    ? Buffer.compare(Buffer.from(a), Buffer.from(b))
    : compareText(a, b)
}
