import { isWaybillError, type Artifact } from '@waybill/core'
import { createStreamReader, gunzip, unzstd, type StreamReader } from '@waybill/archive'
import { candidatesOf, identifyFile } from '../judge.ts'
import { notCompared, unreadable } from './packed-findings.ts'
import { packedFormat } from './packed-format.ts'
import { drain } from './read-packed.ts'
import type { Released, ReleasedBytes } from './released.ts'

const NAMES = /\.(?:gz|zst)$/

/** Reads a released file that is not an archive: one program, compressed; anything else is told of. */
export async function readCompressed(artifact: Artifact, bytes: ReleasedBytes): Promise<Released> {
  const isWhole = bytes instanceof Uint8Array
  const reader = createStreamReader(isWhole ? [bytes] : bytes)
  const start = await reader.take(4096)
  reader.unread(start)
  try {
    return await read(artifact, reader, start)
  } catch (error) {
    if (!isWaybillError(error)) throw error
    return { candidates: [], findings: [unreadable(artifact, error)] }
  } finally {
    await rest(reader)
    if (!isWhole) await drain(bytes)
  }
}

async function read(
  artifact: Artifact,
  reader: StreamReader,
  start: Uint8Array,
): Promise<Released> {
  const magic = Buffer.from(start.subarray(0, 4)).toString('hex')
  const unpack = magic.startsWith('1f8b') ? gunzip : magic === '28b52ffd' ? unzstd : undefined
  const format = packedFormat(start)
  if (unpack === undefined && ['xz', 'bzip2', 'tar', 'zip'].includes(format ?? ''))
    return {
      candidates: [],
      findings: [unreadable(artifact, `${format}, which is not read`)],
    }
  if (unpack === undefined)
    return { candidates: [], findings: [notCompared(artifact, [format ?? 'it'])] }
  const judged = await identifyFile(unpack(chunks(reader)))
  const { name, path: label } = artifact
  const common = { name: name.replace(NAMES, ''), label, executable: true, artifact }
  const candidates = candidatesOf(judged, common)
  const isNone = candidates.length === 0
  return {
    candidates,
    findings: isNone ? [notCompared(artifact, ['what is compressed in it'])] : [],
  }
}

async function* chunks(reader: StreamReader): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const chunk = await reader.some(128 * 1024)
    if (chunk.byteLength === 0) return
    yield chunk
  }
}

async function rest(reader: StreamReader): Promise<void> {
  for await (const _ of chunks(reader));
}
