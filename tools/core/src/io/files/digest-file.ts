import { createDigester, type Digest } from '../../values/digest.ts'
import { assertNotCancelled } from '../../values/cancel.ts'
import { openFile } from './open-file.ts'

const CHUNK = 1024 * 1024

/**
 * Hashes a file in constant memory: one buffer for all of it, which spares the garbage collector what a stream leaves behind. A large file takes
 * seconds, so whoever asks says by what it can be cancelled.
 * @throws {ERR_CANCELLED}, and what `openFile` throws.
 */
export async function digestFile(
  path: string,
  signal?: AbortSignal,
): Promise<{ readonly digest: Digest; readonly size: number }> {
  const file = await openFile(path)
  try {
    const digester = createDigester()
    const buffer = Buffer.allocUnsafe(CHUNK)
    for (;;) {
      assertNotCancelled(signal, `Reading ${path} was cancelled`)
      const { bytesRead } = await file.read(buffer, 0, CHUNK, null)
      if (bytesRead === 0) return { digest: digester.digest(), size: digester.size }
      digester.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}
