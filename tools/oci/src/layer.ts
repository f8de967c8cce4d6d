import {
  WaybillError,
  algorithmOf,
  collect,
  createDigester,
  digestMismatch,
  isWaybillError,
  type Descriptor,
  type Digest,
} from '@waybill/core'
import {
  createStreamReader,
  gunzip,
  gunzipBytes,
  readTar,
  unzstd,
  type TarEntry,
} from '@waybill/archive'
import type { Layer } from './image-types.ts'

/**
 * Reads a layer's members: plain, gzip or zstd by its first bytes. Reading to the end checks what `open` checks, and the diff id where one is given.
 * @throws {ERR_DIGEST_MISMATCH} {ERR_INVALID_LAYER}
 */
export async function* readLayer(
  { descriptor, open }: Pick<Layer, 'descriptor' | 'open'>,
  diffId?: Digest,
): AsyncGenerator<TarEntry, void, undefined> {
  const tar = unpacked(open(), descriptor)
  const explain = async (error: unknown): Promise<never> => {
    if (!isDamage(error)) throw error
    // Where the blob itself is not what its digest says, that is the reason to tell.
    for await (const _ of open());
    throw invalidLayer(error, descriptor.digest)
  }
  try {
    const members = readTar(diffId === undefined ? tar : checked(tar, descriptor, diffId))
    for await (const member of members)
      yield { ...member, content: explained(member.content, explain) }
  } catch (error) {
    await explain(error)
  }
}

// A member's content is read by whoever asked for the member: its damage is the layer's as well.
async function* explained(
  content: AsyncIterable<Uint8Array>,
  explain: (error: unknown) => Promise<never>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* content
  } catch (error) {
    await explain(error)
  }
}

// What is this small, compressed, is unpacked in one step.
const SMALL = 16 * 1024 * 1024

async function* unpacked(
  stream: AsyncIterable<Uint8Array>,
  { size, digest }: Descriptor,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = createStreamReader(stream)
  const start = await reader.take(4)
  reader.unread(start)
  const whole = rest(reader)
  const magic = Buffer.from(start).toString('hex')
  if (magic.startsWith('1f8b'))
    yield* size <= SMALL ? gunzipBytes(await collect(whole, SMALL, digest)) : gunzip(whole)
  else if (magic === '28b52ffd') yield* unzstd(whole)
  else yield* whole
}

async function* rest(
  reader: ReturnType<typeof createStreamReader>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for (;;) {
      const chunk = await reader.some(1024 * 1024)
      if (chunk.byteLength === 0) return
      yield chunk
    }
  } finally {
    await reader.close()
  }
}

async function* checked(
  stream: AsyncIterable<Uint8Array>,
  { digest }: Descriptor,
  diffId: Digest,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digester = createDigester(algorithmOf(diffId))
  for await (const chunk of stream) {
    digester.update(chunk)
    yield chunk
  }
  const found = digester.digest()
  if (found !== diffId) throw digestMismatch(`diff id of layer ${digest}`, diffId, found)
}

const DAMAGE = ['ERR_INVALID_TAR', 'ERR_INVALID_GZIP', 'ERR_INVALID_ZSTD'] as const

function isDamage(error: unknown): error is WaybillError {
  return DAMAGE.some((code) => isWaybillError(error, code))
}

function invalidLayer(cause: WaybillError, digest: Digest): WaybillError {
  return new WaybillError('ERR_INVALID_LAYER', `layer ${digest}: ${cause.message}`, {
    hint: 'The image was not written well, or damaged before it was named; make it again.',
    details: { ...cause.details, digest },
    cause,
  })
}
