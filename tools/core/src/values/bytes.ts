import { WaybillError } from './error.ts'

export type ByteStream = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

// A byte that comes as a piece of its own costs a hundred: so many pieces become one as soon as they are there.
const PIECES = 1024

/**
 * Collects a stream, never more than `limit` bytes. `where` names it, for the error.
 * @throws {ERR_TOO_LARGE}
 */
export async function collect(
  stream: ByteStream,
  limit: number,
  where: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let latest: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.byteLength
    if (size > limit) {
      throw new WaybillError(
        'ERR_TOO_LARGE',
        `${where}: more than the ${limit} bytes that are read of such content`,
      )
    }
    latest.push(chunk)
    if (latest.length < PIECES) continue
    chunks.push(Buffer.concat(latest))
    latest = []
  }
  const all = [...chunks, ...latest]
  return all.length === 1 ? all[0]! : Buffer.concat(all)
}

const [COMMA, LIST, OBJECT] = [0x2c, 0x5b, 0x7b]

/**
 * Refuses JSON of more values than anybody needs before it is parsed: `{}` has two bytes and becomes an object of fifty. What stands in
 * texts is counted too, so the limit is to be generous.
 * @throws {ERR_TOO_LARGE}
 */
export function assertFewValues(json: Uint8Array, most: number, where: string): void {
  if (json.byteLength <= most) return
  let values = 0
  for (const byte of json) if (byte === COMMA || byte === LIST || byte === OBJECT) values++
  if (values > most)
    throw new WaybillError('ERR_TOO_LARGE', `${where}: more than ${most} values in JSON`)
}
