import { createReport, isWaybillError, messageOf, type Finding, type Report } from '@waybill/core'
import { placeOf, type RepositoryOptions } from './repository.ts'
import { probeImage } from './probe-image.ts'
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
  const place = placeOf(reference, options, true)
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
  const deleting = await trying(probeDelete(place), { deleteManifest: null, deleteTag: null })
  const nothing = { mount: null, range: null, head: null }
  const image = await trying(probeImage(place, tags), { capabilities: nothing })
  const capabilities = { ...pull, ...push, ...image.capabilities, referrers, ...deleting }
  const report = createReport(Object.keys(capabilities), findings)
  return {
    ...report,
    repository: place.name,
    capabilities,
    ...(image.rateLimit === undefined ? {} : { rateLimit: image.rateLimit }),
  }
}

function findingOf(code: string, message: string, repository: string): Finding {
  const stable = code.slice(4).toLowerCase().replaceAll('_', '-')
  return { code: stable, level: 'error', message, where: { repository } }
}
