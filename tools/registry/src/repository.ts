import {
  WaybillError,
  collect,
  createContext,
  isDigest,
  verified,
  type ContextOptions,
  type Descriptor,
  type Digest,
} from '@waybill/core'
import { MANIFEST_LIMIT, isManifestType, type FetchOptions, type Target } from '@waybill/oci'
import { readTag } from './absence.ts'
import { addReferrer } from './add-referrer.ts'
import { fetchBlob, hasBlob } from './blobs.ts'
import { findManifest, getManifest } from './find-manifest.ts'
import { hostFor, type HostOptions } from './host.ts'
import type { RepositoryClient } from './place.ts'
import { putManifest } from './put-manifest.ts'
import { formatReference, parseReference } from './reference.ts'
import { listReferrers } from './referrers.ts'
import { removeManifest } from './remove-manifest.ts'
import { listTags } from './tags.ts'
import { uploadBlob } from './upload.ts'

export interface RepositoryOptions extends ContextOptions {
  /** Registries asked over http; those on loopback are without being named. @default [] */
  readonly plainHttp?: readonly string[] | undefined
  /** A PEM file of certificates trusted beside the built-in ones. */
  readonly caFile?: string | undefined
  /** For destinations: whether its failure fails the release. @default true */
  readonly required?: boolean | undefined
}

/** A repository of a registry as source and target. OCI distribution-spec 1.1. */
export interface Repository extends Target {
  /** `ghcr.io/acme/scim`; also its name. */
  readonly origin: string
  /**
   * Every tag, to the last page, sorted by code unit.
   * @throws {ERR_NOT_FOUND} where there is no such repository.
   */
  tags(options?: FetchOptions): Promise<readonly string[]>
  /** What refers to a manifest: signatures, SBOMs; by the referrers API or the fallback tag. */
  referrers(digest: Digest, options?: FetchOptions): Promise<readonly Descriptor[]>
  /**
   * Removes a tag alone, or by its digest a manifest with every tag it has.
   * @throws {ERR_UNSUPPORTED} {ERR_NOT_FOUND}
   */
  remove(reference: string, options?: FetchOptions): Promise<void>
}

/**
 * Opens a repository; nothing is asked yet. A tag or digest in the reference is left aside.
 * @throws {ERR_INVALID_REFERENCE}
 */
export function repository(reference: string, options: RepositoryOptions = {}): Repository {
  return repositoryAt(repositoryClient(reference, options, false))
}

/** The place a reference names, in the context of the options. */
export function repositoryClient(
  reference: string,
  options: RepositoryOptions,
  writes: boolean,
): RepositoryClient {
  const { registry, repository: path } = parseReference(reference)
  const host = hostFor(registry, options satisfies HostOptions, createContext(options))
  return { host, repository: path, name: formatReference({ registry, repository: path }), writes }
}

const MAX_KEPT = 8

/** The repository at a place. */
export function repositoryAt(place: RepositoryClient): Repository {
  // Resolving reads the manifest; who then fetches it, as everybody does, need not ask a second time.
  const resolved = new Map<string, Uint8Array>()
  return {
    name: place.name,
    origin: place.name,
    async resolve(reference, { signal } = {}) {
      const found = await (isDigest(reference) ? getManifest : readTag)(place, reference, signal)
      if (found === undefined) throw notFound(place, reference)
      // Whoever only looks never fetches.
      if (resolved.size >= MAX_KEPT) resolved.clear()
      resolved.set(found.descriptor.digest, found.bytes)
      return found.descriptor
    },
    fetch(descriptor, { signal } = {}) {
      if (!isManifestType(descriptor.mediaType)) return fetchBlob(place, descriptor, signal)
      const known = resolved.get(descriptor.digest)
      resolved.delete(descriptor.digest)
      return known === undefined
        ? fetchManifest(place, descriptor, signal)
        : verified(descriptor, [known], place.name)
    },
    exists: async (descriptor, { signal } = {}) =>
      isManifestType(descriptor.mediaType)
        ? (await findManifest(place, descriptor.digest, signal)) !== undefined
        : hasBlob(place, descriptor, signal),
    push: (descriptor, open, { signal } = {}) => push(place, descriptor, open, signal),
    tag: (descriptor, tag, { signal } = {}) => retag(place, descriptor.digest, tag, signal),
    referrers: (digest, { signal } = {}) => listReferrers(place, digest, signal),
    remove: (reference, { signal } = {}) => removeManifest(place, reference, signal),
    async tags({ signal } = {}) {
      const list = await listTags(place, signal)
      if (list.kind === 'none') throw notFound(place)
      return list.tags
    },
  }
}

async function* fetchManifest(
  place: RepositoryClient,
  descriptor: Descriptor,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const found = await getManifest(place, descriptor.digest, signal)
  if (found === undefined) throw contentMissing(place, descriptor.digest)
  yield* verified(descriptor, [found.bytes], place.name)
}

async function push(
  place: RepositoryClient,
  descriptor: Descriptor,
  open: () => AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const checked = (): AsyncIterable<Uint8Array> => verified(descriptor, open(), place.name)
  if (isManifestType(descriptor.mediaType)) {
    const bytes = await collect(checked(), MANIFEST_LIMIT, descriptor.digest)
    if ((await findManifest(place, descriptor.digest, signal)) === undefined)
      await putManifest(place, { descriptor, bytes }, signal)
    await addReferrer(place, { descriptor, bytes }, signal)
  } else if (!(await hasBlob(place, descriptor, signal))) {
    await uploadBlob(place, { descriptor, open: checked }, signal)
  }
}

/** Points a tag at a manifest that is here, by its exact bytes. @throws {ERR_CONTENT_MISSING} {ERR_TAG_IMMUTABLE} */
export async function retag(
  place: RepositoryClient,
  digest: string,
  tag: string,
  signal?: AbortSignal,
): Promise<void> {
  const found = await getManifest(place, digest, signal)
  if (found === undefined) throw contentMissing(place, digest)
  await putManifest(place, { ...found, tag }, signal)
}

function contentMissing(place: RepositoryClient, digest: string): WaybillError {
  return new WaybillError('ERR_CONTENT_MISSING', `${place.name}: ${digest} is not there`, {
    hint: 'The image is incomplete there; push it again.',
    details: { where: place.name, digest },
  })
}

function notFound(place: RepositoryClient, reference?: string): WaybillError {
  const what =
    reference === undefined ? 'there is no such repository' : `"${reference}" is not there`
  return new WaybillError('ERR_NOT_FOUND', `${place.name}: ${what}`, {
    hint: 'Check the name, and that the account that is logged in may see it.',
    details: { where: place.name, reference },
  })
}
