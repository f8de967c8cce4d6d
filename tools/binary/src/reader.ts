import { WaybillError, isWaybillError, openFile } from '@waybill/core'

/** Random access to bytes: a file, a file inside a layer, bytes in memory. */
export interface ByteReader {
  /** Bytes in all. */
  readonly size: number
  /** Reads `length` bytes from `offset`; fewer only where the end comes first. */
  read(offset: number, length: number): Promise<Uint8Array>
}

/** Reads from bytes in memory. */
export function bytesReader(bytes: Uint8Array): ByteReader {
  return {
    size: bytes.byteLength,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  }
}

/**
 * Opens a file for the time of `work`.
 * @throws {ERR_FILE_MISSING} {ERR_NOT_A_FILE}
 */
export async function withFileReader<Result>(
  path: string,
  work: (reader: ByteReader) => Promise<Result>,
): Promise<Result> {
  const file = await openFile(path).catch((error: unknown) => {
    throw isWaybillError(error) ? error : unreadable(path, error)
  })
  try {
    const { size } = await file.stat()
    return await work({
      size,
      async read(offset, length) {
        const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)))
        const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, offset)
        return buffer.subarray(0, bytesRead)
      },
    })
  } finally {
    await file.close()
  }
}

function unreadable(path: string, error: unknown): WaybillError {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
  const message = missing ? `${path} is not there` : `${path} cannot be read`
  return new WaybillError(missing ? 'ERR_FILE_MISSING' : 'ERR_NOT_READABLE', message, {
    hint: missing ? 'Check the path.' : 'Check its rights, and those of the folders above it.',
    cause: error,
    details: { path },
  })
}
