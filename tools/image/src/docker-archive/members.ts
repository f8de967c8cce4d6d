import { posix } from 'node:path'
import { WaybillError, collect, createDigester, digestOf } from '@waybill/core'
import { createStreamReader, gunzip, readArchive, type TarEntry } from '@waybill/archive'
import { compressStream, watch, type Compressed } from '../assemble/compress.ts'
import { keep } from '../assemble/layer-sink.ts'
import { mediaTypes } from '@waybill/oci'

/** A layer of an archive, as it will be stored. */
export type KeptLayer = Compressed

/** What an archive holds, by path. */
export interface Members {
  readonly documents: ReadonlyMap<string, Uint8Array>
  readonly layers: ReadonlyMap<string, KeptLayer>
}

/** Reads a docker archive, plain or compressed, in one pass. Layers go to files in `folder`, compressed; documents stay in memory. @throws {ERR_INVALID_TAR} {ERR_INVALID_GZIP} {ERR_UNKNOWN_ARCHIVE} {ERR_TOO_LARGE} {ERR_INVALID_IMAGE} */
export async function readMembers(
  stream: AsyncIterable<Uint8Array>,
  folder: string,
): Promise<Members> {
  const documents = new Map<string, Uint8Array>()
  const layers = new Map<string, KeptLayer>()
  const links: (readonly [string, string])[] = []
  const read = new Map<string, string>()
  for await (const entry of readArchive(stream)) {
    const path = posix.normalize(entry.path)
    if (entry.type === 'symlink')
      links.push([path, posix.join(posix.dirname(path), entry.linkname ?? '')])
    if (entry.type === 'hardlink') links.push([path, posix.normalize(entry.linkname ?? '')])
    if (entry.type === 'directory') continue
    const isFile = entry.type === 'file'
    if (isFile) assertSame(read, path, await readMember(entry, path, { documents, layers, folder }))
    else assertSame(read, path, `${entry.type} ${entry.linkname}`)
  }
  // Older engines write a layer once and links to it from everywhere else.
  for (const [path, target] of links) {
    const layer = layers.get(target)
    if (layer !== undefined) layers.set(path, layer)
  }
  return { documents, layers }
}

// Programs disagree on which of two members of one name counts; equal ones do no harm.
function assertSame(read: Map<string, string>, path: string, now: string): void {
  const before = read.get(path)
  read.set(path, now)
  if (before === undefined || before === now) return
  throw new WaybillError('ERR_INVALID_IMAGE', `docker archive: ${path} comes twice, and differs`, {
    hint: 'The archive was not written well, or changed; make it again.',
    details: { path },
  })
}

interface Into {
  readonly documents: Map<string, Uint8Array>
  readonly layers: Map<string, KeptLayer>
  readonly folder: string
}

const LARGEST_DOCUMENT = 16 * 1024 * 1024
const MAX_DOCUMENTS = 10_000

/** Keeps a member; returns what tells it from another. */
async function readMember(entry: TarEntry, path: string, into: Into): Promise<string> {
  const reader = createStreamReader(entry.content)
  const start = await reader.take(512)
  reader.unread(start)
  const kind = kindOf(start)
  const content = rest(reader)
  if (kind !== 'other') {
    const keepAs = kind === 'tar' ? keepPlain : keepCompressed
    const layer = await keepAs(content, into.folder)
    into.layers.set(path, layer)
    return layer.descriptor.digest
  }
  if (into.documents.size >= MAX_DOCUMENTS)
    throw new WaybillError('ERR_TOO_LARGE', `docker archive: more than ${MAX_DOCUMENTS} documents`)
  const document = Uint8Array.from(await collect(content, LARGEST_DOCUMENT, path))
  into.documents.set(path, document)
  return digestOf(document)
}

function kindOf(start: Uint8Array): 'tar' | 'gzip' | 'other' {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip'
  if (start.byteLength < 512) return 'other'
  const empty = start.every((byte) => byte === 0)
  const magic = Buffer.from(start.subarray(257, 262)).toString('latin1')
  return empty || magic === 'ustar' ? 'tar' : 'other'
}

async function* rest(
  reader: ReturnType<typeof createStreamReader>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const chunk = await reader.some(1024 * 1024)
    if (chunk.byteLength === 0) return
    yield chunk
  }
}

const keepPlain = (content: AsyncIterable<Uint8Array>, folder: string): Promise<KeptLayer> =>
  compressStream(content, { memory: 0, folder })

async function keepCompressed(
  content: AsyncIterable<Uint8Array>,
  folder: string,
): Promise<KeptLayer> {
  const blob = createDigester()
  const open = await keep(watch(content, blob.update), { memory: 0, folder })
  const diff = createDigester()
  for await (const chunk of gunzip(open())) diff.update(chunk)
  const descriptor = { mediaType: mediaTypes.layerGzip, digest: blob.digest(), size: blob.size }
  return { descriptor, diffId: diff.digest(), open }
}
