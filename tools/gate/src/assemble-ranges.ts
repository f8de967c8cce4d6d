import type { Component } from '@waybill/core'
import type { CommitRange, RangeCommit } from './commit-range.ts'
import { broughtBy, createHistory, reachableFrom, type History } from './history.ts'
import type { ComponentTags } from './read-tags.ts'

/** A commit as it was read, before its place in the history is known. */
export type SeenCommit = Omit<RangeCommit, 'broughtBy' | 'reaches'>

export interface RangesInput {
  readonly components: readonly Component[]
  /** In the order of `components`. */
  readonly tags: readonly ComponentTags[]
  /** Where each component's range ends: itself and everything it reaches is left out. */
  readonly bounds: readonly (string | null)[]
  readonly head: CommitRange['head']
  readonly seen: readonly SeenCommit[]
}

/** Shares out what was read among the components. Pure. */
export function assembleRanges(input: RangesInput): CommitRange[] {
  const { components, tags, bounds, head } = input
  const history = withMerges(createHistory(input.seen), head.commit)
  const released = new Map<string | null, Uint8Array>()
  return components.map((component, at) => {
    const bound = bounds[at] ?? null
    const marks = released.get(bound) ?? reachableFrom(history, bound === null ? [] : [bound])
    released.set(bound, marks)
    const commits = history.commits.filter(
      (commit, index) => marks[index] === 0 && concerns(commit, component),
    )
    const { last, standing, tagged } = tags[at]!
    const ordered = withOrder(commits, history)
    return { component, components, last, standing, tagged, head, commits: ordered }
  })
}

// The root's range holds every commit, since other tools count them there.
// A Release-As in a commit that touches no component, or that names one, must be seen wherever it could be meant.
function concerns(commit: RangeCommit, { name, path }: Component): boolean {
  if (path === '.') return true
  if (commit.touches.includes(name)) return true
  const { releaseAs, findings } = commit.parsed
  if (releaseAs.some(({ component }) => component === name || component === '*')) return true
  if (commit.touches.length > 0) return false
  return (
    commit.empty || releaseAs.length > 0 || findings.some(({ code }) => code === 'release-as-inert')
  )
}

function withMerges(history: History<RangeCommit>, head: string): History<RangeCommit> {
  if (!history.commits.some(({ parents }) => parents.length > 1)) return history
  const brought = broughtBy(history, head)
  const commits = history.commits.map((commit, index) => {
    const merge = brought[index]!
    return merge < 0 ? commit : { ...commit, broughtBy: history.commits[merge]!.commit }
  })
  return { commits, indexOf: history.indexOf }
}

// Only where several commits order a version does it matter which descends from which.
function withOrder(
  commits: readonly RangeCommit[],
  history: History<RangeCommit>,
): readonly RangeCommit[] {
  const ordering = commits.filter(({ parsed }) => marksRelease(parsed))
  if (ordering.length < 2) return commits
  const names = new Set(ordering.map(({ commit }) => commit))
  return commits.map((commit) => {
    if (!names.has(commit.commit)) return commit
    const marks = reachableFrom(history, [commit.commit])
    const reaches = [...names].filter(
      (name) => name !== commit.commit && marks[history.indexOf.get(name)!] === 1,
    )
    return { ...commit, reaches }
  })
}

function marksRelease({ releaseAs, findings }: RangeCommit['parsed']): boolean {
  return releaseAs.length > 0 || findings.some(({ code }) => code === 'release-as-inert')
}
