import { createReadStream } from 'node:fs'
import { lstat } from 'node:fs/promises'
import type { ByteStream } from '@waybill/core'
import { createStreamReader } from './stream-reader.ts'

/** Whether a file, and no link to one, holds exactly what a stream gives; reads no further than the first difference. */
export async function isSameFile(path: string, stream: ByteStream): Promise<boolean> {
  const facts = await lstat(path).catch(() => undefined)
  if (facts === undefined || !facts.isFile()) return false
  const file = createReadStream(path, { highWaterMark: 128 * 1024 }) as AsyncIterable<Uint8Array>
  const reader = createStreamReader(file)
  try {
    for await (const chunk of stream) {
      if (!Buffer.from(await reader.take(chunk.byteLength)).equals(chunk)) return false
    }
    return (await reader.some(1)).byteLength === 0
  } finally {
    await reader.close()
  }
}
