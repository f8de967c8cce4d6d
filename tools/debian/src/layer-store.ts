import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  canonicalJson,
  createDigester,
  digestOf,
  writeFileAtomic,
  type ByteStream,
  type Digest,
  type Digester,
} from '@waybill/core'
import { gzip, writeTar, type TarInput } from '@waybill/archive'
import { readJsonFile } from './json-file.ts'

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

function pathOf(cache: string, key: LayerKey): string {
  // Another zlib may compress otherwise; layers of the one are never mixed with those of the other.
  const whole = { ...key, format: LAYER_FORMAT, level: LEVEL, zlib: process.versions['zlib'] }
  const name = digestOf(canonicalJson(whole)).slice('sha256:'.length)
  return join(cache, 'layers', `${name}.tar.gz`)
}

/** A layer that was made before; undefined where it was not, or is no longer there whole. */
export async function recallLayer(cache: string, key: LayerKey): Promise<StoredLayer | undefined> {
  const path = pathOf(cache, key)
  const facts = await readJsonFile<Omit<StoredLayer, 'path'>>(`${path}.json`)
  const file = await stat(path).catch(() => undefined)
  return facts === undefined || file?.size !== facts.size ? undefined : { ...facts, path }
}

/** Makes a layer and remembers it. */
export async function storeLayer(
  cache: string,
  key: LayerKey,
  entries: Iterable<TarInput> | AsyncIterable<TarInput>,
): Promise<StoredLayer> {
  const path = pathOf(cache, key)
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
  await writeFileAtomic(`${path}.json`, JSON.stringify(facts))
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
