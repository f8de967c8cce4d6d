import { collect, mapLimit, openCache, type Cache, type ContextOptions } from '@waybill/core'
import type { TarEntry, TarHeader } from '@waybill/archive'
import { bytesReader, inspect } from '@waybill/binary'
import { type Image, type Layer } from '@waybill/oci'
import { readLayer, createTreeBudget, readTree } from '@waybill/oci/internal'
import { recallFacts, rememberFacts } from './facts-cache.ts'
import type { LibraryFacts, LayerFacts, FactsOptions, ImageFacts } from './types.ts'

/** The cache that options name, opened; undefined where they name none, or one that cannot be trusted. */
export async function factsCache({
  cache,
  ...context
}: FactsOptions & Pick<ContextOptions, 'cwd' | 'env' | 'logger'> = {}): Promise<Cache | undefined> {
  return cache === undefined ? undefined : openCache(cache, context)
}

const known = new Map<string, Promise<LayerFacts>>()
const MAX_KNOWN_LAYERS = 256

/** Reads what a layer holds, once for each digest. @throws {ERR_DIGEST_MISMATCH} {ERR_INVALID_LAYER} {ERR_CONTENT_MISSING} */
export function layerFacts(layer: Layer, cache?: Cache): Promise<LayerFacts> {
  const { digest } = layer.descriptor
  const key = `${cache?.folder ?? ''} ${digest}`
  const before = known.get(key)
  if (before !== undefined) return before
  const facts = recallFacts(digest, cache).then(
    async (recalled) => recalled ?? rememberFacts(digest, await readFacts(layer), cache),
  )
  known.set(key, facts)
  facts.catch(() => known.delete(key))
  if (known.size > MAX_KNOWN_LAYERS) known.delete(known.keys().next().value!)
  return facts
}

async function readFacts(layer: Layer): Promise<LayerFacts> {
  const entries: TarHeader[] = []
  const libraries = new Map<number, LibraryFacts>()
  const room = createTreeBudget()
  // The bytes are those of the layer's digest. What the base says of them beside that is its own affair, and every engine's that pulls it.
  for await (const entry of readLayer(layer)) {
    const library = isLibrary(entry) ? await readLibrary(entry) : undefined
    if (library !== undefined) libraries.set(entries.length, library)
    const { content: _content, ...header } = entry
    room.member(header)
    entries.push(header)
  }
  return { entries, libraries }
}

const LARGEST = 64 * 1024 * 1024

// Character set converters are libraries by name, many, and never linked with.
function isLibrary({ type, path, size }: TarHeader): boolean {
  return (
    type === 'file' &&
    size <= LARGEST &&
    /\.so(?:\.[^/]*)?$/.test(path) &&
    !path.includes('/gconv/')
  )
}

async function readLibrary({ content, path }: TarEntry): Promise<LibraryFacts | undefined> {
  const bytes = await collect(content, LARGEST, path)
  try {
    const { platform, soname, needed, provides } = await inspect(bytesReader(bytes))
    return { platform, soname, needed, provides }
  } catch {
    return undefined // a linker script, or no library at all
  }
}

/** Reads what an image holds; layers that were read before are not read again. */
export async function imageFacts(
  image: Pick<Image, 'layers'>,
  options: FactsOptions = {},
): Promise<ImageFacts> {
  const cache = await factsCache(options)
  // The largest take the longest, so they are begun first.
  const largestFirst = image.layers.toSorted((a, b) => b.descriptor.size - a.descriptor.size)
  const read = async (layer: Layer) => [layer, await layerFacts(layer, cache)] as const
  const facts = new Map(await mapLimit(largestFirst, 4, read))
  const root = await readTree(image.layers, (layer) => facts.get(layer)!.entries)
  return {
    root,
    libraryAt: ({ layer, entry }) => facts.get(image.layers[layer]!)?.libraries.get(entry),
  }
}

/** What each layer of a base holds, from the lowest up; nothing without a base. Layers that were read before are not read again. */
export async function baseEntries(
  base: Pick<Image, 'layers'> | undefined,
  options: FactsOptions = {},
): Promise<readonly (readonly TarHeader[])[]> {
  const cache = await factsCache(options)
  const facts = await mapLimit(base?.layers ?? [], 4, (layer) => layerFacts(layer, cache))
  return facts.map(({ entries }) => entries)
}
