import { header } from '@waybill/core'
import type { HttpResponse } from '@waybill/core'
import { askRegistry } from './ask.ts'
import { scopeOf, unionOf } from './auth/scopes.ts'
import { answerError } from './errors.ts'
import { manifestUrl } from './find-manifest.ts'
import { readScope, writeScope, type RepositoryClient } from './place.ts'
import { listTags } from './tags.ts'
import { cancelSession, nextSession, openSession, sendTo } from './upload-session.ts'

/** null: it could not be found out. */
export type Capability = boolean | null

export async function probePull(
  place: RepositoryClient,
): Promise<{ pull: Capability; tags: readonly string[] }> {
  const list = await listTags(place)
  return { pull: true, tags: list.kind === 'complete' ? list.tags : [] }
}

export async function probePush(
  place: RepositoryClient,
): Promise<{ push: Capability; chunked: Capability; cancel: Capability }> {
  const { signal } = place.host
  const session = await openSession(place, signal)
  const response = await sendTo(session, signal, {
    method: 'PATCH',
    headers: { 'content-type': 'application/octet-stream', 'content-range': '0-6' },
    body: Buffer.from('waybill'),
  })
  await response.discard()
  // ECR answers 201 and forgets the pieces that follow.
  const chunked = response.status === 202 && /(?:^|=)0-6$/.test(header(response, 'range') ?? '')
  const next = response.status === 202 ? nextSession(place, response, session) : session
  const cancelled = await cancelSession(next, signal)
  return { push: true, chunked, cancel: cancelled >= 200 && cancelled < 300 }
}

const ABSENT = `sha256:${'0'.repeat(64)}`

/** Whether the referrers API answers: an index, also for what is not there. OCI distribution-spec, "Listing Referrers". */
export async function probeReferrers(place: RepositoryClient): Promise<Capability> {
  const { host, repository } = place
  const url = `${host.origin}/v2/${repository}/referrers/${ABSENT}`
  const response = await askRegistry(host, url, { repository, scopes: readScope(place) })
  if (response.status === 401 || response.status === 403)
    throw await answerError(response, `The referrers of ${place.name}`)
  await response.discard()
  const type = header(response, 'content-type') ?? ''
  return response.status === 200 && type.startsWith('application/vnd.oci.image.index.v1+json')
}

export interface DeleteProbe {
  readonly deleteManifest: Capability
  readonly deleteTag: Capability
  /** What the registry answered where that says neither. */
  readonly unclear: readonly { readonly what: string; readonly status: number }[]
}

/** Asks for the deletion of what is not there: "not found" shows that it could be done, "unsupported" that it can't. */
export async function probeDelete(place: RepositoryClient): Promise<DeleteProbe> {
  const manifest = await remove(place, ABSENT)
  const tag = await remove(place, 'waybill-doctor')
  const [deleteManifest, deleteTag] = [verdict(manifest), verdict(tag)]
  const asked = [
    { what: 'deleteManifest', can: deleteManifest, status: manifest.status },
    { what: 'deleteTag', can: deleteTag, status: tag.status },
  ]
  return { deleteManifest, deleteTag, unclear: asked.filter(({ can }) => can === null) }
}

async function remove(place: RepositoryClient, reference: string): Promise<HttpResponse> {
  const { host, repository } = place
  const scopes = unionOf(writeScope(place), scopeOf(repository, 'delete'))
  const response = await askRegistry(host, manifestUrl(place, reference), {
    method: 'DELETE',
    repository,
    scopes,
  })
  await response.discard()
  return response
}

function verdict({ status }: HttpResponse): Capability {
  if (status === 404 || status === 202) return true
  return status === 400 || status === 405 || status === 501 ? false : null
}
