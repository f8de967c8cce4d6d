import { WaybillError, type Component, type LastRelease } from '@waybill/core'
import { tagOf } from '@waybill/gate'
import semver from 'semver'

const PART = /^[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*$/

/**
 * The next prerelease of `target` in a line (`rc`, `beta`): one more than the highest that stands, from 1 on. The count starts
 * anew when the target moves.
 * @throws {ERR_INVALID_PRERELEASE}
 */
export function nextPrerelease(target: string, line: string, versions: readonly string[]): string {
  if (!/^[0-9A-Za-z-]+$/.test(line) || /^\d+$/.test(line)) {
    throw new WaybillError('ERR_INVALID_PRERELEASE', `"${line}" can't name a line of prereleases`, {
      hint: 'Use a word of letters, digits and dashes that is not a number, like rc or beta.',
      outcome: 'usage',
    })
  }
  const start = `${target}-${line}.`
  const counts = versions
    .filter((version) => version.startsWith(start) && /^\d+$/.test(version.slice(start.length)))
    .map((version) => Number(version.slice(start.length)))
  return start + (Math.max(0, ...counts) + 1)
}

/** Refuses a prerelease that would come before the last release: `beta` after `rc`. @throws {ERR_INVALID_PRERELEASE} */
export function assertHigher(component: Component, next: string, last: LastRelease): void {
  if (!semver.lt(next, last.version)) return
  throw new WaybillError(
    'ERR_INVALID_PRERELEASE',
    `${component.name}: ${next} would be lower than the last release, ${last.version}`,
    {
      hint: 'Go on in the line of the last release, or in one whose name comes after it.',
      outcome: 'usage',
    },
  )
}

/**
 * Adds build metadata; it orders nothing and is left out of ranges. https://semver.org/#spec-item-10
 * @throws {ERR_INVALID_BUILD}
 */
export function withBuild(version: string, build: string | undefined): string {
  if (build === undefined) return version
  if (PART.test(build)) return `${withoutBuild(version)}+${build}`
  throw new WaybillError('ERR_INVALID_BUILD', `"${build}" can't be build metadata`, {
    hint: 'Use letters, digits and dashes in parts joined by dots.',
    outcome: 'usage',
  })
}

/** A version without its build metadata. */
export const withoutBuild = (version: string): string => version.replace(/\+.*$/, '')

/** The versions of a component that have a tag. */
export function taggedVersions(component: Component, tags: readonly string[]): readonly string[] {
  const hole = '\u0000'
  const [prefix = '', suffix = ''] = tagOf(component, hole).split(hole)
  return tags
    .filter((tag) => tag.startsWith(prefix) && tag.endsWith(suffix))
    .map((tag) => tag.slice(prefix.length, tag.length - suffix.length))
    .filter((version) => semver.valid(version) !== null && /^\d/.test(version))
}
