import { WaybillError, type ByteStream } from '@waybill/core'
import { createStreamReader } from '@waybill/archive'

/** A member of an ar archive; its content must be read before the next member is asked for. */
export interface ArMember {
  readonly name: string
  readonly size: number
  readonly content: AsyncIterable<Uint8Array>
}

const MAGIC = '!<arch>\n'

/**
 * Reads a common ar archive, as .deb files are. deb(5).
 * @throws {ERR_INVALID_DEB}
 */
export async function* readAr(
  stream: ByteStream,
  where: string,
): AsyncGenerator<ArMember, void, undefined> {
  const reader = createStreamReader(stream)
  const invalid = (problem: string): WaybillError => invalidDeb(where, problem)
  try {
    if (latin1(await reader.take(8)) !== MAGIC) throw invalid('no ar archive')
    for (;;) {
      const header = latin1(await reader.take(60))
      if (header === '') return
      const size = /^(.{16}).{32}(\d+) *`\n$/s.exec(header)
      if (size === null) throw invalid('damaged member header')
      const end = reader.offset + Number(size[2])
      const read = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
        while (reader.offset < end) {
          const chunk = await reader.some(end - reader.offset)
          if (chunk.byteLength === 0) throw invalid('truncated')
          yield chunk
        }
      }
      const name = size[1]!.trimEnd().replace(/\/$/, '')
      yield { name, size: Number(size[2]), content: { [Symbol.asyncIterator]: read } }
      for await (const chunk of read()) void chunk
      if (end % 2 === 1) await reader.take(1)
    }
  } finally {
    await reader.close()
  }
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** The error for a file that is no Debian package. */
export function invalidDeb(where: string, problem: string): WaybillError {
  return new WaybillError('ERR_INVALID_DEB', `${where}: ${problem}`, {
    hint: 'Remove the file and run the same again; it is fetched anew.',
  })
}
