import { openFile, type ByteStream } from '@waybill/core'

/** Reads a regular file in pieces; a pipe in its place is not waited for. @throws {ERR_NOT_A_FILE} */
export async function* readPieces(path: string): ByteStream {
  const file = await openFile(path)
  try {
    yield* file.createReadStream({ autoClose: false, highWaterMark: 256 * 1024 })
  } finally {
    await file.close()
  }
}
