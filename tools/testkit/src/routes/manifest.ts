import { isDigest, type Digest } from '@waybill/core'
import type { StoredManifest } from '../store/store.ts'

const DOCKER = 'application/vnd.docker.distribution.manifest'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const IMAGE = 'application/vnd.oci.image.manifest.v1+json'

interface Reference {
  readonly mediaType?: unknown
  readonly digest?: unknown
  readonly urls?: unknown
}

/** The members of a manifest that a registry reads. */
export interface ManifestBody {
  readonly mediaType?: unknown
  readonly artifactType?: unknown
  readonly subject?: Reference
  readonly config?: Reference
  readonly layers?: unknown
  readonly manifests?: unknown
  readonly annotations?: unknown
}

/** Reads a manifest of any media type; undefined where it is not a JSON object. */
export function readManifest(bytes: Uint8Array): ManifestBody | undefined {
  try {
    const body: unknown = JSON.parse(Buffer.from(bytes).toString())
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : undefined
  } catch {
    return undefined
  }
}

/** Whether the registry knows what a media type's manifests refer to. */
export function isKnownType(mediaType: string): boolean {
  return [IMAGE, INDEX, `${DOCKER}.v2+json`, `${DOCKER}.list.v2+json`].includes(mediaType)
}

/** The media type of a manifest that was pushed without saying so. */
export function guessType(body: ManifestBody | undefined): string {
  if (typeof body?.mediaType === 'string') return body.mediaType
  return Array.isArray(body?.manifests) ? INDEX : IMAGE
}

/** The manifest this one is about. */
export function subjectOf(body: ManifestBody | undefined): Digest | undefined {
  const digest = body?.subject?.digest
  return isDigest(digest) ? digest : undefined
}

/** What must be in the registry before a manifest may refer to it. */
export interface Needs {
  readonly blobs: readonly Digest[]
  readonly manifests: readonly Digest[]
}

/** What a manifest refers to; undefined where a reference is malformed. */
export function needsOf(body: ManifestBody = {}): Needs | undefined {
  const blobs = digestsIn([
    ...(body.config === undefined ? [] : [body.config]),
    ...listed(body.layers),
  ])
  const manifests = digestsIn(listed(body.manifests))
  return blobs === undefined || manifests === undefined ? undefined : { blobs, manifests }
}

const listed = (value: unknown): readonly Reference[] => (Array.isArray(value) ? value : [])

function digestsIn(references: readonly Reference[]): readonly Digest[] | undefined {
  const kept = references.filter((reference) => !isElsewhere(reference))
  const digests = kept.map((reference) => reference?.digest).filter(isDigest)
  return digests.length === kept.length ? digests : undefined
}

// Layers that may not be distributed stay where their `urls` say: OCI image-spec, layer.md#non-distributable-layers.
function isElsewhere(reference: Reference): boolean {
  const type = typeof reference?.mediaType === 'string' ? reference.mediaType : ''
  return (
    type.includes('.nondistributable.') ||
    type.includes('.foreign.') ||
    reference?.urls !== undefined
  )
}

/** A manifest as the referrers list shows it. */
export interface Referrer {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly artifactType?: unknown
  readonly annotations?: unknown
}

/** Describes a referrer: OCI distribution-spec, "Listing Referrers". */
export function referrerOf(manifest: StoredManifest, body: ManifestBody = {}): Referrer {
  const { digest, mediaType, bytes } = manifest
  const declared = body.artifactType === '' ? undefined : body.artifactType
  const artifactType = declared ?? body.config?.mediaType
  return {
    mediaType,
    digest,
    size: bytes.byteLength,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(body.annotations === undefined ? {} : { annotations: body.annotations }),
  }
}
