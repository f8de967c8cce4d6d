import { WaybillError, compareText, type Descriptor } from '@waybill/core'
import { notFound } from './errors.ts'
import type { Index } from './manifest.ts'

// OCI image-spec, annotations.md: the name of an image within a layout.
const NAME = 'org.opencontainers.image.ref.name'

const nameOf = (descriptor: Descriptor): string | undefined => descriptor.annotations?.[NAME]

/** The descriptor of an entry, without what the layout's index adds to it. */
export function named({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size }
}

/** Finds an image by its name in the index; '' is the only one. @throws {ERR_NOT_FOUND} {ERR_AMBIGUOUS_REFERENCE} */
export function resolveName(index: Index, reference: string, where: string): Descriptor {
  const entries = index.manifests
  const names = entries.flatMap((entry) => nameOf(entry) ?? [])
  const found = reference === '' ? entries : entries.filter((one) => nameOf(one) === reference)
  const digests = new Set(found.map(({ digest }) => digest))
  if (digests.size === 1) return named(found[0]!)
  if (found.length === 0) throw notFound(where, reference, names)
  throw new WaybillError(
    'ERR_AMBIGUOUS_REFERENCE',
    `${where}: holds ${digests.size} images${reference === '' ? '' : ` called "${reference}"`}: ${found.map((one) => nameOf(one) ?? one.digest).join(', ')}`,
    { hint: 'Name one of them by its name or digest.', outcome: 'usage' },
  )
}

/** The index with one entry added; the name, or being without one, goes over to it. */
export function withEntry(index: Index, descriptor: Descriptor, reference?: string): Index {
  const entry: Descriptor = {
    ...named(descriptor),
    ...(reference === undefined ? {} : { annotations: { [NAME]: reference } }),
  }
  const others = index.manifests.filter(
    (one) =>
      nameOf(one) !== reference && !(one.digest === entry.digest && nameOf(one) === undefined),
  )
  const manifests = [...others, entry].toSorted(
    (a, b) => compareText(nameOf(a) ?? '', nameOf(b) ?? '') || compareText(a.digest, b.digest),
  )
  return { ...index, manifests }
}
