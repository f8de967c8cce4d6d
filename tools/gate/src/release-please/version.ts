import type { Bump } from '@waybill/core'
import type { ReleasePleasePolicy } from './policy.ts'

/** A version as release-please holds it: it accepts more than semantic versions. */
interface LooseVersion {
  readonly major: number
  readonly minor: number
  readonly patch: number
  readonly preRelease: string | undefined
  readonly build: string | undefined
}

const VERSION = /(\d+)\.(\d+)\.(\d+)(-([^+]+))?(\+(.*))?/

/** Reads a version anywhere in a text and writes it normalised, as release-please does; null where there is none. */
export function normaliseVersion(text: string): string | null {
  const version = parse(text)
  return version === null ? null : stringify(version)
}

/** The version after `last`. */
export function bumpLoosely(last: string, bump: Bump, policy: ReleasePleasePolicy): string {
  const version = parse(last)
  if (version === null) return last
  const kind = forced(policy.versioning) ?? bump
  if (policy.versioning === 'service-pack') return stringify(servicePack(version))
  if (policy.versioning === 'prerelease') return stringify(prerelease(version, kind, policy))
  return stringify(increment(version, kind))
}

function forced(versioning: ReleasePleasePolicy['versioning']): Bump | undefined {
  if (versioning?.startsWith('always-bump-') !== true) return undefined
  return versioning.slice('always-bump-'.length) as Bump
}

function increment(version: LooseVersion, bump: Bump): LooseVersion {
  const { major, minor, patch } = version
  if (bump === 'major') return { ...version, major: major + 1, minor: 0, patch: 0 }
  if (bump === 'minor') return { ...version, minor: minor + 1, patch: 0 }
  return { ...version, patch: patch + 1 }
}

function servicePack(version: LooseVersion): LooseVersion {
  const number = /sp\.(\d+)/.exec(version.preRelease ?? '')?.[1] ?? '0'
  return { ...version, preRelease: `sp.${Number(number) + 1}` }
}

// A prerelease that already covers the bump only counts its suffix up.
function prerelease(version: LooseVersion, bump: Bump, policy: ReleasePleasePolicy): LooseVersion {
  const { minor, patch, preRelease } = version
  const covered =
    bump === 'major' ? minor === 0 && patch === 0 : bump === 'minor' ? patch === 0 : true
  const next =
    preRelease === undefined
      ? { ...increment(version, bump), preRelease: policy.prereleaseType }
      : covered
        ? { ...version, preRelease: countUp(preRelease) }
        : increment(version, bump)
  return policy.prerelease === true ? next : { ...next, preRelease: undefined, build: undefined }
}

function countUp(preRelease: string): string {
  const match = /(\d+)(?=\D*$)/.exec(preRelease)
  if (match === null) return `${preRelease}.1`
  const digits = match[1]!
  const next = String(Number(digits) + 1).padStart(digits.length, '0')
  return `${preRelease.slice(0, match.index)}${next}${preRelease.slice(match.index + digits.length)}`
}

function parse(text: string): LooseVersion | null {
  const match = VERSION.exec(text.slice(0, 500))
  if (match === null) return null
  const [, major, minor, patch, , preRelease, , build] = match
  return { major: Number(major), minor: Number(minor), patch: Number(patch), preRelease, build }
}

function stringify({ major, minor, patch, preRelease, build }: LooseVersion): string {
  const suffix = preRelease === undefined || preRelease === '' ? '' : `-${preRelease}`
  return `${major}.${minor}.${patch}${suffix}${build === undefined || build === '' ? '' : `+${build}`}`
}
