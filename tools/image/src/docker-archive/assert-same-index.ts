import { WaybillError, digestMismatch, digestOf, type Descriptor } from '@waybill/core'
import { isIndexType, parseIndex, parseManifest, type Manifest } from '@waybill/oci'
import { isForNoPlatform, missingInAttestation } from '@waybill/oci/internal'
import type { ArchivedImage } from './archive-manifest.ts'
import type { Members } from './members.ts'

/**
 * Holds an archive that is an OCI layout as well, as newer engines write both, to one meaning: every image that its `index.json` leads to is one that
 * `manifest.json` lists, with the same configuration and the same layers. Some programs read the one, some the other. What the index names and the
 * archive does not hold cannot be loaded from it, and is passed over.
 * @throws {ERR_INVALID_IMAGE} {ERR_DIGEST_MISMATCH} {ERR_INVALID_JSON} {ERR_AMBIGUOUS_JSON}
 */
export function assertSameIndex(images: readonly ArchivedImage[], members: Members): void {
  const index = members.documents.get('index.json')
  if (index === undefined) return
  const known = images.map((image) => partsOf(image, members))
  checkIndex(index, 'docker archive: index.json', { known, members })
}

/** An image of `manifest.json` by its digests; a layer has one as it lies in the archive and one as it is stored. */
interface Known {
  readonly config: string | undefined
  readonly layers: readonly (readonly string[])[]
}

function partsOf({ config, layers }: ArchivedImage, members: Members): Known {
  const bytes = members.documents.get(config)
  return {
    config: bytes === undefined ? undefined : digestOf(bytes),
    layers: layers.map((path) => {
      const layer = members.layers.get(path)
      return layer === undefined ? [] : [layer.descriptor.digest, layer.diffId]
    }),
  }
}

interface Checking {
  readonly known: readonly Known[]
  readonly members: Members
}

function checkIndex(bytes: Uint8Array, where: string, checking: Checking): void {
  const { manifests } = parseIndex(bytes, where)
  for (const entry of manifests) {
    const document = documentOf(entry, checking.members)
    if (document === undefined) continue
    const at = `docker archive: ${entry.digest}`
    if (isIndexType(entry.mediaType)) checkIndex(document, at, checking)
    else checkManifest(entry, manifests, parseManifest(document, at), checking)
  }
}

function documentOf({ digest }: Descriptor, { documents }: Members): Uint8Array | undefined {
  const path = `blobs/${digest.replace(':', '/')}`
  const bytes = documents.get(path)
  if (bytes === undefined || !digest.startsWith('sha256:')) return bytes
  const found = digestOf(bytes)
  if (found !== digest) throw digestMismatch(`docker archive: ${path}`, digest, found)
  return bytes
}

function checkManifest(
  entry: Descriptor,
  siblings: readonly Descriptor[],
  manifest: Manifest,
  { known }: Checking,
): void {
  const isAttestation =
    isForNoPlatform(entry) && missingInAttestation(entry, siblings, manifest) === undefined
  if (isAttestation || known.some((one) => isSame(one, manifest))) return
  throw new WaybillError(
    'ERR_INVALID_IMAGE',
    `docker archive: index.json leads to ${entry.digest}, which is no image of manifest.json; expected both to describe the same images`,
    {
      hint: 'Programs that read index.json would load another image than those that read manifest.json; save the image again.',
      details: { digest: entry.digest },
    },
  )
}

const isSame = ({ config, layers }: Known, manifest: Manifest): boolean =>
  config === manifest.config.digest &&
  layers.length === manifest.layers.length &&
  layers.every((digests, at) => digests.includes(manifest.layers[at]!.digest))
