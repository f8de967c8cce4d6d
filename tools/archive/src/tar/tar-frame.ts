import { completeHeader, encodeHeader, padding } from './encode-header.ts'
import { BLOCK, type TarInput } from './entry.ts'

/** What stands in a tar archive before and after the content of the one file that ends it. */
export interface TarFrame {
  readonly head: Uint8Array
  readonly tail: Uint8Array
}

/**
 * Writes a tar archive around the content of its last entry, the only one that has any: `head`, the content, `tail` are what `writeTar` writes.
 * So the content may be worked on before it is known where it goes.
 * @throws {ERR_INVALID_ENTRY}
 */
export function tarFrame(entries: readonly Omit<TarInput, 'content'>[]): TarFrame {
  const headers = entries.map(completeHeader)
  const { size } = headers.at(-1)!
  const filling = size % BLOCK > 0 ? [padding(size)] : []
  return {
    head: Buffer.concat(headers.map(encodeHeader)),
    tail: Buffer.concat([...filling, new Uint8Array(2 * BLOCK)]),
  }
}
