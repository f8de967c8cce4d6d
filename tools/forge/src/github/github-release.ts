import {
  WaybillError,
  createContext,
  isWaybillError,
  plainCopy,
  type Artifact,
  type Destination,
  type NamedDigest,
  type Release,
} from '@waybill/core'
import { releaseFiles } from './files.ts'
import { LATEST, moveLatest, notRestorable, setLatest } from './latest.ts'
import { createLook } from './look.ts'
import { githubClient, type GithubClient, type GithubClientOptions } from './place.ts'
import { preflight } from './preflight.ts'
import { publishRelease } from './publish-release.ts'
import { checkFiles, putFiles } from './put-files.ts'
import type { GithubReleaseTarget } from './release-target.ts'

export interface GithubReleaseOptions extends GithubClientOptions {
  readonly release: Release
  /** The files it shall have; their paths are relative to `out`. @default none */
  readonly files?: readonly Artifact[] | undefined
  /** @default the tag */
  readonly title?: string | undefined
  /** What the page says, in Markdown. A draft that says something already keeps it. @default nothing */
  readonly notes?: string | undefined
  /** Leaves it a draft, for a person to publish. @default false */
  readonly draft?: boolean | undefined
  /** Whether this component's releases can be the repository's latest; which of them is, is decided by version. @default true */
  readonly latest?: boolean | undefined
  /** @default true */
  readonly required?: boolean | undefined
}

/**
 * A release page at GitHub as a destination, named `github:owner/name`. Its names are the release itself (its tag, at the commit),
 * each file (`tag/name`, at its digest), and `latest`, which leads to a release.
 * @throws {ERR_INVALID_REPOSITORY} {ERR_INVALID_ADDRESS} {ERR_INVALID_NAME} {ERR_NAME_COLLISION}
 */
export function githubRelease(repository: string, options: GithubReleaseOptions): Destination {
  const target = targetOf(githubClient(repository, options), options)
  const { place, release, look } = target
  const latest = options.latest !== false && !target.draft
  const known = async <Result>(what: string, asking: Promise<Result>): Promise<Result> => {
    try {
      return await asking
    } catch (error) {
      throw asUnknownState(error, `${place.name}: ${what}`)
    }
  }
  return {
    name: place.name,
    kind: 'forge',
    required: options.required ?? true,
    rolling: latest ? [LATEST] : [],
    digests: { ...filesOf(target), ...(latest ? { [LATEST]: `release:${release.tag}` } : {}) },
    wanted: (_content, other) => wanted(target, other),
    preflight: (signal) => preflight(place, release, signal),
    names: (signal) => known('its releases', look.tags(signal)),
    observe: (name, signal) => known(`what ${name} is`, look.name(name, signal)),
    put: (_content, signal) => putFiles(target, signal),
    check: (_content, signal) => checkFiles(target, signal),
    async set(name, digest, { previous, rolling = [] }, signal) {
      if (name === LATEST) return setLatest(place, { digest, previous }, signal)
      const movesLatest = rolling.includes(LATEST)
      return publishRelease(target, { name, digest, movesLatest }, signal)
    },
    restore: (name, digest, signal) =>
      name === LATEST
        ? moveLatest(place, digest, signal)
        : Promise.reject(notRestorable(place, name)),
    url: look.url,
  }
}

// Copied at the door: what becomes of the caller's objects later is not published.
function targetOf(place: GithubClient, options: GithubReleaseOptions): GithubReleaseTarget {
  const { draft = false } = options
  const { release, files } = plainCopy({ release: options.release, files: options.files ?? [] })
  const { title = release.tag, notes = '' } = options
  const prerelease = release.version.split('+')[0]!.includes('-')
  const listed = releaseFiles(files, createContext(options).out)
  const page = { release, title, notes, prerelease }
  return { ...page, place, files: listed, draft, look: createLook(place, { release, draft }) }
}

const filesOf = ({ release, files }: GithubReleaseTarget): Readonly<Record<string, NamedDigest>> =>
  Object.fromEntries(
    files.map(({ artifact: { name, digest } }) => [`${release.tag}/${name}`, digest]),
  )

// A destination is one release's own; a plan of another must not be carried out with it.
function wanted({ place, release }: GithubReleaseTarget, other: Release | undefined): NamedDigest {
  if (other === undefined || (other.tag === release.tag && other.commit === release.commit))
    return `gitCommit:${release.commit}`
  throw new WaybillError(
    'ERR_PLAN_MISMATCH',
    `${place.name} was made for ${release.tag} at ${release.commit}, the plan is of ${other.tag} at ${other.commit}`,
    { hint: 'Make the destination from the same release as the plan.', outcome: 'usage' },
  )
}

// What could not be found out must never be taken for "absent".
function asUnknownState(error: unknown, what: string): unknown {
  if (!isWaybillError(error) || error.outcome !== 'unknown') return error
  return new WaybillError('ERR_UNKNOWN_STATE', `${what} could not be found out. ${error.message}`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    outcome: 'unknown',
    details: { ...error.details, reason: error.code },
    cause: error,
  })
}
