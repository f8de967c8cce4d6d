import type { Component, LastRelease } from '@waybill/core'
import semver from 'semver'
import type { TagRef } from '../read-tags.ts'
import { highest } from '../read-tags.ts'
import { tagFormat, versionOf } from '../tag-format.ts'
import type { PastHistory } from './past-history.ts'

/** A tag read as a release of a component. */
export interface PastTag extends LastRelease {
  /** The component's name; empty for tags that are only a version. */
  readonly component: string
}

/** A release that was made, and the one before it. */
export interface PastRelease extends PastTag {
  readonly last: LastRelease
}

const TAG = /^(?:(.+?)[^a-zA-Z0-9])?v?(\d+\.\d+\.\d+(?:[-+].*)?)$/

/** Reads tags as releases: by the formats of the components, or by their looks where there are none. */
export function readPastTags(tags: readonly TagRef[], components: readonly Component[]): PastTag[] {
  const formats = components.map((component) => ({ component, format: tagFormat(component) }))
  return tags.flatMap(({ tag, commit }): PastTag[] => {
    if (formats.length === 0) {
      const [, component = '', version = ''] = TAG.exec(tag) ?? []
      return isVersion(version) ? [{ component, tag, version, commit }] : []
    }
    for (const { component, format } of formats) {
      const version = versionOf(format, tag)
      if (version !== null) return [{ component: component.name, tag, version, commit }]
    }
    return []
  })
}

function isVersion(text: string): boolean {
  return /^\d/.test(text) && semver.valid(text) !== null
}

export interface PastReleasesOptions {
  /** Take a prerelease for the release before, where it is the highest. */
  readonly afterPrereleases: boolean
}

/** Every stable release with the highest earlier one it can reach, oldest first; a component's first has none and is left out. */
export function findPastReleases(
  tags: readonly PastTag[],
  history: PastHistory,
  options: PastReleasesOptions,
): PastRelease[] {
  const byComponent = groupByComponent(tags)
  const stable = tags.filter(({ version }) => semver.prerelease(version) === null)
  const place = (tag: PastTag): number => history.indexOf(tag.commit) ?? -1
  const ordered = stable.filter((tag) => place(tag) >= 0).toSorted((a, b) => place(b) - place(a))
  return ordered.flatMap((tag) => {
    const last = lastBefore(tag, byComponent.get(tag.component)!, history, options)
    return last === null ? [] : [{ ...tag, last }]
  })
}

/** Tags by the name of their component. */
export function groupByComponent(tags: readonly PastTag[]): Map<string, PastTag[]> {
  const groups = new Map<string, PastTag[]>()
  for (const tag of tags) {
    const group = groups.get(tag.component)
    if (group === undefined) groups.set(tag.component, [tag])
    else group.push(tag)
  }
  return groups
}

/** The highest release of the same component that a commit reaches, tags on the commit itself excepted. */
export function lastBefore(
  { commit }: Pick<PastTag, 'commit'>,
  tags: readonly PastTag[],
  history: PastHistory,
  options: PastReleasesOptions,
): LastRelease | null {
  const marks = history.reach(commit)!
  const earlier = tags.filter((tag) => {
    if (tag.commit === commit) return false
    if (!options.afterPrereleases && semver.prerelease(tag.version) !== null) return false
    const index = history.indexOf(tag.commit)
    return index !== undefined && marks[index] === 1
  })
  const last = highest(earlier)
  return last === null ? null : { tag: last.tag, version: last.version, commit: last.commit }
}
