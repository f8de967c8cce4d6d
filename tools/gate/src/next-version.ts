import type { Bump } from '@waybill/core'
import semver from 'semver'

/** Whether breaking changes are still expected: a component that was never released, or one at 0.x. */
export function isBeforeMajor(version: string | undefined): boolean {
  return version === undefined || semver.major(version) === 0
}

/** The version after `last`; a prerelease is finished by a bump it already covers (1.0.0-rc.1 becomes 1.0.0). */
export function nextVersion(last: string | undefined, bump: Bump, initial: string): string {
  if (last === undefined) return initial
  return bump === 'none' ? last : semver.inc(last, bump)!
}

/** How far a version lies from the one before: what an ordered version bumps. Total, since other tools order what is no version. */
export function bumpBetween(last: string | undefined, version: string): Bump {
  const next = semver.parse(version)
  const before = last === undefined ? ZERO : semver.parse(last)
  if (next === null || before === null) return 'major'
  if (semver.lte(next, before)) return 'none'
  if (next.major !== before.major) return 'major'
  return next.minor === before.minor ? 'patch' : 'minor'
}

const ZERO = new semver.SemVer('0.0.0-0')
