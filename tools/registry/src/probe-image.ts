import { isWaybillError, header, type Descriptor } from '@waybill/core'
import { loadContent } from '@waybill/oci'
import { askRegistry } from './ask.ts'
import { ACCEPT, getManifest, manifestUrl } from './find-manifest.ts'
import { readScope, writeScope, type RepositoryClient } from './place.ts'
import type { Capability } from './probes.ts'
import { repositoryAt } from './repository.ts'
import { cancelSession, nextSession } from './upload-session.ts'

/** What only an image that is there already shows. */
export interface ImageProbe {
  readonly capabilities: { mount: Capability; range: Capability; head: Capability }
  readonly rateLimit?: Readonly<Record<string, string>>
}

/** Tries out with the first tag of a repository; where there is none, nothing can be found out. */
export async function probeImage(
  place: RepositoryClient,
  tags: readonly string[],
): Promise<ImageProbe> {
  const tag = tags[0]
  const found = tag === undefined ? undefined : await getManifest(place, tag)
  if (found === undefined) return { capabilities: { mount: null, range: null, head: null } }
  const { head, rateLimit } = await probeHead(place, tag!)
  const content = await loadContent(repositoryAt(place), found.descriptor).catch(
    (error: unknown) => {
      if (isWaybillError(error, 'ERR_NETWORK')) throw error
      return undefined
    },
  )
  const blob = content?.blobs.find(({ descriptor }) => descriptor.size > 1)?.descriptor
  const mount = blob === undefined ? null : await probeMount(place, blob)
  const range = blob === undefined ? null : await probeRange(place, blob)
  return { capabilities: { mount, range, head }, ...(rateLimit === undefined ? {} : { rateLimit }) }
}

async function probeHead(
  place: RepositoryClient,
  tag: string,
): Promise<{ head: Capability; rateLimit?: Record<string, string> }> {
  const response = await askRegistry(place.host, manifestUrl(place, tag), {
    method: 'HEAD',
    headers: { accept: ACCEPT },
    repository: place.repository,
    scopes: readScope(place),
  })
  await response.discard()
  const needed = ['docker-content-digest', 'content-length', 'content-type']
  const head = needed.every((name) => header(response, name) !== undefined)
  const limits = ['ratelimit-limit', 'ratelimit-remaining', 'docker-ratelimit-source']
    .map((name) => [name, header(response, name)] as const)
    .filter((one): one is readonly [string, string] => one[1] !== undefined)
  return { head, ...(limits.length === 0 ? {} : { rateLimit: Object.fromEntries(limits) }) }
}

// From the repository to itself: it has the blob already, so nothing changes.
async function probeMount(place: RepositoryClient, { digest }: Descriptor): Promise<Capability> {
  const { host, repository } = place
  const query = new URLSearchParams({ mount: digest, from: repository })
  const response = await askRegistry(
    host,
    `${host.origin}/v2/${repository}/blobs/uploads/?${query}`,
    {
      method: 'POST',
      body: new Uint8Array(0),
      repository,
      scopes: writeScope(place),
    },
  )
  await response.discard()
  if (response.status === 202) await cancelSession(nextSession(place, response), host.signal)
  return response.status === 201
}

async function probeRange(place: RepositoryClient, { digest }: Descriptor): Promise<Capability> {
  const { host, repository } = place
  const response = await askRegistry(host, `${host.origin}/v2/${repository}/blobs/${digest}`, {
    headers: { range: 'bytes=1-1' },
    repository,
    scopes: readScope(place),
  })
  await response.discard()
  return response.status === 206
}
