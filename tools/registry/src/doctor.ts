import { createReport, isWaybillError, messageOf, type Finding, type Report } from '@waybill/core'
import { repositoryClient, type RepositoryOptions } from './repository.ts'
import { probeImage, type ImageProbe } from './probe-image.ts'
import { probeDelete, probePull, probePush, probeReferrers, type Capability } from './probes.ts'

export type DoctorOptions = RepositoryOptions

/** What a registry can do and whether we may; null: it could not be found out. */
export interface Capabilities {
  /** Its tags and manifests may be read. */
  readonly pull: Capability
  /** Uploads may be opened. */
  readonly push: Capability
  /** An upload may be sent in several pieces. */
  readonly chunked: Capability
  /** An upload that was opened may be cancelled. */
  readonly cancel: Capability
  /** Blobs are taken over from other repositories without being sent. Needs an image that is there already. */
  readonly mount: Capability
  /** A broken download is taken up where it broke. Needs an image. */
  readonly range: Capability
  /** HEAD names digest, size and type, so that looking costs no pull. Needs an image. */
  readonly head: Capability
  /** The referrers API: signatures are found without a tag of their own. */
  readonly referrers: Capability
  readonly deleteManifest: Capability
  /** Removing a tag alone: how a rolling name that was new is taken back. */
  readonly deleteTag: Capability
}

export interface DoctorReport extends Report<string> {
  /** `ghcr.io/acme/scim`. */
  readonly repository: string
  readonly capabilities: Capabilities
  /** Docker Hub's word on how many pulls are left, where it gives one. */
  readonly rateLimit?: Readonly<Record<string, string>>
}

/**
 * Tries out what a registry can do and whether we may, leaving nothing behind: uploads that are opened are cancelled, what is deleted
 * is what is not there.
 * @throws {ERR_INVALID_REFERENCE} {ERR_NETWORK}
 */
export async function doctor(
  reference: string,
  options: DoctorOptions = {},
): Promise<DoctorReport> {
  const place = repositoryClient(reference, options, true)
  const findings: Finding[] = []
  const trying = async <Found>(work: Promise<Found>, otherwise: Found): Promise<Found> => {
    try {
      return await work
    } catch (error) {
      if (!isWaybillError(error) || ['ERR_NETWORK', 'ERR_CANCELLED'].includes(error.code))
        throw error
      findings.push(findingOf(error.code, messageOf(error), place.name))
      return otherwise
    }
  }
  const { tags, ...pull } = await trying(probePull(place), { pull: false, tags: [] })
  const push = await trying(probePush(place), { push: false, chunked: null, cancel: null })
  const referrers = await trying(probeReferrers(place), null)
  const { unclear, ...deleting } = await trying(probeDelete(place), {
    deleteManifest: null,
    deleteTag: null,
    unclear: [],
  })
  const nothing = { mount: null, range: null, head: null }
  const image = await trying(probeImage(place, tags), { capabilities: nothing })
  const capabilities = { ...pull, ...push, ...image.capabilities, referrers, ...deleting }
  const said = unclear.map(({ what, status }) =>
    note(`${what}: the registry answered HTTP ${status}, which says neither`, place.name),
  )
  const report = createReport(Object.keys(capabilities), [
    ...findings,
    ...said,
    ...(pull.pull === true ? withoutImage(image.capabilities, tags, place.name) : []),
  ])
  return {
    ...report,
    repository: place.name,
    capabilities,
    ...(image.rateLimit === undefined ? {} : { rateLimit: image.rateLimit }),
  }
}

const note = (message: string, repository: string): Finding => ({
  code: 'not-found-out',
  level: 'note',
  message,
  where: { repository },
})

function withoutImage(
  found: ImageProbe['capabilities'],
  tags: readonly string[],
  repository: string,
): readonly Finding[] {
  const names = Object.entries(found).flatMap(([name, can]) => (can === null ? [name] : []))
  if (names.length === 0) return []
  const why = tags.length === 0 ? 'no image is here yet' : `${tags[0]} is no image`
  const suggestion = 'Push an image and ask again.'
  return [{ ...note(`${names.join(', ')}: ${why} to try that with`, repository), suggestion }]
}

function findingOf(code: string, message: string, repository: string): Finding {
  const stable = code.slice(4).toLowerCase().replaceAll('_', '-')
  return { code: stable, level: 'error', message, where: { repository } }
}
