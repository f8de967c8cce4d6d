import { ReadableStream } from 'node:stream/web'
import { WaybillError, messageOf, type ByteStream } from '@waybill/core'

/**
 * Decompresses xz (xz-embedded as WebAssembly, so that no tool is needed). `where` names the file, for the error.
 * @throws {ERR_INVALID_XZ}
 */
export async function* unxz(
  stream: ByteStream,
  where: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { default: xz } = await import('xz-decompress')
  let failure: unknown
  const watched = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* stream
    } catch (error) {
      failure = error
      throw error
    }
  }
  try {
    yield* new xz.XzReadableStream(ReadableStream.from(watched()))
  } catch (error) {
    if (failure !== undefined) throw failure
    throw new WaybillError('ERR_INVALID_XZ', `${where}: ${messageOf(error)}`, { cause: error })
  }
}
