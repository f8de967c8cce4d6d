import { createReadStream } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  cacheName,
  createDigester,
  digestFile,
  writeFileAtomic,
  type ByteStream,
  type CacheQuestion,
  type Digest,
  type Digester,
} from '@waybill/core'
import { gzip, writeTar, type TarInput } from '@waybill/archive'
import type { BaseCache } from './base-cache.ts'

/** A compressed layer in the cache. */
export interface StoredLayer {
  readonly digest: Digest
  /** Bytes, compressed. */
  readonly size: number
  /** The digest of the tar inside. */
  readonly diffId: Digest
  /** The latest time of its files, in seconds. */
  readonly created: number
  readonly path: string
}

/** What a layer is made from; equal keys mean equal layers. */
export type LayerKey = Readonly<Record<string, unknown>>

/** Changes whenever the same package would give another layer. */
const LAYER_FORMAT = 2
const LEVEL = 6

// Another zlib may compress otherwise; layers of the one are never mixed with those of the other.
const questionOf = (key: LayerKey): CacheQuestion => ({
  kind: 'debian-layers',
  recipe: { format: LAYER_FORMAT, level: LEVEL, zlib: process.versions['zlib'] },
  inputs: key,
})

const pathOf = (folder: string, question: CacheQuestion): string =>
  join(folder, question.kind, `${cacheName(question)}.tar.gz`)

/** A layer that was made before, as a record says that was written with the cache's key; undefined where it was not, or its bytes are not those any more. */
export async function recallLayer(
  { cache }: BaseCache,
  key: LayerKey,
): Promise<StoredLayer | undefined> {
  const question = questionOf(key)
  const facts = (await cache?.recall(question)) as Omit<StoredLayer, 'path'> | undefined
  if (cache === undefined || facts === undefined) return undefined
  const path = pathOf(cache.folder, question)
  const isFile = (await lstat(path).catch(() => undefined))?.isFile() === true
  const found = isFile ? await digestFile(path).catch(() => undefined) : undefined
  return found?.digest === facts.digest ? { ...facts, path } : undefined
}

/** Makes a layer and remembers it. */
export async function storeLayer(
  base: BaseCache,
  key: LayerKey,
  entries: () => Iterable<TarInput> | AsyncIterable<TarInput>,
): Promise<StoredLayer> {
  const question = questionOf(key)
  const made = await base.writing((folder) => writeLayer(pathOf(folder, question), entries()))
  const { path, ...facts } = made
  if (path === pathOf(base.folder, question)) await base.cache?.remember(question, facts)
  return made
}

async function writeLayer(
  path: string,
  entries: Iterable<TarInput> | AsyncIterable<TarInput>,
): Promise<StoredLayer> {
  const [whole, packed] = [createDigester(), createDigester()]
  const dates = { latest: 0 }
  const tar = tapped(writeTar(dated(entries, dates)), whole)
  await writeFileAtomic(path, tapped(gzip(tar, { level: LEVEL }), packed))
  const facts = {
    digest: packed.digest(),
    size: packed.size,
    diffId: whole.digest(),
    created: dates.latest,
  }
  return { ...facts, path }
}

/** Reads a layer as it is kept. */
export function openLayer(layer: StoredLayer): AsyncIterable<Uint8Array> {
  return createReadStream(layer.path, { highWaterMark: 128 * 1024 }) as AsyncIterable<Uint8Array>
}

async function* tapped(
  stream: ByteStream,
  digester: Digester,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of stream) {
    digester.update(chunk)
    yield chunk
  }
}

async function* dated(
  entries: Iterable<TarInput> | AsyncIterable<TarInput>,
  dates: { latest: number },
): AsyncGenerator<TarInput, void, undefined> {
  for await (const entry of entries) {
    dates.latest = Math.max(dates.latest, entry.mtime ?? 0)
    yield entry
  }
}
