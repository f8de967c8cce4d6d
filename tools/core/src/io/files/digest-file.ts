import { createDigester, type Digest } from '../../values/digest.ts'
import { openFile } from './open-file.ts'

const CHUNK = 1024 * 1024

/** Hashes a file in constant memory: one buffer for all of it, which spares the garbage collector what a stream leaves behind. */
export async function digestFile(
  path: string,
): Promise<{ readonly digest: Digest; readonly size: number }> {
  const file = await openFile(path)
  try {
    const digester = createDigester()
    const buffer = Buffer.allocUnsafe(CHUNK)
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, null)
      if (bytesRead === 0) return { digest: digester.digest(), size: digester.size }
      digester.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}
