import { suggest, WaybillError } from '@waybill/core'
import { problem, type RegistryReply } from '../message.ts'
import {
  deletesNothing,
  hidesMissing,
  limitsPulls,
  missesInOwnWords,
  needsRepository,
} from './access.ts'
import { listsWhole, pagesTags, refusesLargePages } from './lists.ts'
import {
  acknowledgesSubjects,
  compressesHeads,
  hasNoReferrers,
  ignoresTagParameters,
  knowsImagesOnly,
  missesManifestsOnly,
  refusesEqualToo,
  refusesWith,
  routesValidOnly,
  wantsExactAccept,
} from './manifests.ts'
import type { Quirk } from './quirk.ts'
import {
  appendsAnyChunk,
  forgetsLocations,
  ignoresSinglePost,
  keepsFirstChunk,
  limitsChunks,
  locatesAbsolutely,
  mountsFromOnly,
  mountsNothing,
  redirectsBlobs,
  refusesMounts,
} from './uploads.ts'

/** How one kind of registry behaves. */
export interface Profile {
  /** The outermost first. */
  readonly quirks: readonly Quirk[]
  /** How it asks for credentials, where it is given users. */
  readonly auth: 'basic' | 'bearer'
  /** Its token server gives nothing to those who ask for the right to delete. */
  readonly refusesDelete?: boolean
}

/** The registries a testkit registry can behave like. */
export type ProfileName = 'ghcr' | 'ecr' | 'dockerhub' | 'quay' | 'harbor' | 'distribution-2.8'

const denied = problem(403, 'DENIED', 'denied')
const unauthorized = problem(401, 'UNAUTHORIZED', 'authentication required')

// Where a behaviour is not documented it was observed and reported by clients.
const profiles: Readonly<Record<ProfileName, Profile>> = {
  // google/go-containerregistry issues; ocx#237: 416 above 4 MiB a chunk; no referrers API; 403, to readers, for a package that is not there.
  ghcr: {
    auth: 'bearer',
    quirks: [
      redirectsBlobs,
      deletesNothing,
      hidesMissing(denied),
      hasNoReferrers,
      ignoresTagParameters,
      limitsChunks(4 * 1024 * 1024),
      pagesTags(100),
    ],
  },
  // aws/containers-roadmap#853, #2380, #2831.
  ecr: {
    auth: 'basic',
    quirks: [
      redirectsBlobs,
      needsRepository,
      refusesWith(ecrImmutable),
      refusesEqualToo,
      acknowledgesSubjects,
      ignoresTagParameters,
      ignoresSinglePost,
      mountsNothing,
      keepsFirstChunk,
      refusesLargePages(1000),
      pagesTags(1000),
    ],
  },
  // docs.docker.com/docker-hub/usage: GET of a manifest is a pull, HEAD is none.
  dockerhub: {
    auth: 'bearer',
    quirks: [
      redirectsBlobs,
      locatesAbsolutely,
      deletesNothing,
      hidesMissing(unauthorized),
      limitsPulls(200),
      refusesMounts(unauthorized),
      ignoresTagParameters,
      ignoresSinglePost,
      pagesTags(100),
    ],
  },
  quay: {
    auth: 'bearer',
    refusesDelete: true,
    quirks: [
      redirectsBlobs,
      refusesMounts(problem(400, 'BLOB_UPLOAD_INVALID', 'mount without from'), 'without-from'),
      ignoresTagParameters,
      pagesTags(50),
    ],
  },
  // goharbor/harbor#17097; the immutability rules answer with 412.
  harbor: {
    auth: 'bearer',
    quirks: [
      compressesHeads,
      missesInOwnWords,
      refusesWith(harborImmutable),
      refusesMounts(unauthorized),
      ignoresTagParameters,
    ],
  },
  // Compared request by request with docker-registry 2.8.2 by test/testkit/profiles.ts.
  'distribution-2.8': {
    auth: 'basic',
    quirks: [
      locatesAbsolutely,
      deletesNothing,
      routesValidOnly,
      hasNoReferrers,
      ignoresTagParameters,
      ignoresSinglePost,
      mountsFromOnly,
      forgetsLocations,
      appendsAnyChunk,
      missesManifestsOnly,
      wantsExactAccept,
      knowsImagesOnly,
      listsWhole,
    ],
  },
}

/** The names of the profiles. */
export const profileNames: readonly ProfileName[] = Object.keys(profiles) as ProfileName[]

/** Reads the name of a profile. @throws {ERR_UNKNOWN_PROFILE} with the nearest name. */
export function parseProfile(name: string): ProfileName {
  if (Object.hasOwn(profiles, name)) return name as ProfileName
  throw new WaybillError(
    'ERR_UNKNOWN_PROFILE',
    `No registry named "${name}" is known; ${suggest(name, profileNames)}`,
    {
      hint: `Choose one of ${profileNames.join(', ')}, or none for what the specification says.`,
      outcome: 'usage',
      details: { name, valid: profileNames },
    },
  )
}

/** Finds a profile. @throws {ERR_UNKNOWN_PROFILE} */
export function findProfile(name: ProfileName): Profile {
  return profiles[parseProfile(name)]
}

function ecrImmutable(name: string, tag: string): RegistryReply {
  const why = 'cannot be overwritten because the tag is immutable.'
  return problem(
    400,
    'TAG_INVALID',
    `The image tag '${tag}' already exists in the '${name}' repository and ${why}`,
  )
}

function harborImmutable(name: string, tag: string): RegistryReply {
  const why = `Failed to process request due to '${name.split('/').at(-1)}:${tag}' configured as immutable.`
  return problem(412, 'PRECONDITION', why)
}
