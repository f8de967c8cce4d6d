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

/** How far a version lies from the one before: what an ordered version bumps. */
export function bumpBetween(last: string | undefined, version: string): Bump {
  if (last === undefined)
    return semver.major(version) > 0 ? 'major' : semver.minor(version) > 0 ? 'minor' : 'patch'
  if (semver.lte(version, last)) return 'none'
  if (semver.major(version) !== semver.major(last)) return 'major'
  return semver.minor(version) !== semver.minor(last) ? 'minor' : 'patch'
}
