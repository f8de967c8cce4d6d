import type { Component, LastRelease } from '@waybill/core'
import type { ChangesetFile, CommitRange, RangeCommit } from './commit-range.ts'
import { broughtBy, reachableFrom, type History } from './history.ts'
import type { ComponentTags } from './read-tags.ts'

/** A commit as it was read, before its place in the history is known. */
export type SeenCommit = Omit<RangeCommit, 'broughtBy' | 'reaches' | 'fulfilled'>

export interface RangesInput {
  readonly components: readonly Component[]
  /** In the order of `components`. */
  readonly tags: readonly ComponentTags[]
  /** Where each component's range ends: itself and everything it reaches is left out. */
  readonly bounds: readonly (string | null)[]
  readonly head: CommitRange['head']
  readonly history: History<SeenCommit>
  /** All changeset files that were touched. */
  readonly changesets: readonly ChangesetFile[]
}

/** Shares out what was read among the components. Pure. */
export function assembleRanges(input: RangesInput): CommitRange[] {
  const { components, tags, bounds, head } = input
  const history = withMerges(input.history, head.commit)
  const shares = shareOut(history.commits, components)
  const released = new Map<string | null, Uint8Array>()
  return components.map((component, at) => {
    const bound = bounds[at] ?? null
    const marks = released.get(bound) ?? reachableFrom(history, bound === null ? [] : [bound])
    released.set(bound, marks)
    const commits: RangeCommit[] = []
    for (const index of shares[at]!) if (marks[index] === 0) commits.push(history.commits[index]!)
    const { last, standing, tagged, earlier } = tags[at]!
    const ordered = withFulfilled(withOrder(commits, history), earlier, history)
    const changesets = input.changesets.filter(
      ({ commit }) => marks[history.indexOf(commit)!] === 0,
    )
    return { component, components, last, standing, tagged, head, commits: ordered, changesets }
  })
}

// One sweep over the commits, not one for each component.
function shareOut(commits: readonly RangeCommit[], components: readonly Component[]): number[][] {
  const shares: number[][] = components.map(() => [])
  const placeOf = new Map(components.map(({ name }, place) => [name, place]))
  const root = components.findIndex(({ path }) => path === '.')
  for (const [index, commit] of commits.entries()) {
    const places = concerned(commit, placeOf)
    if (places === 'all') for (const share of shares) share.push(index)
    else {
      for (const place of places) if (place !== root) shares[place]!.push(index)
      // The root's range holds every commit, since other tools count them there.
      if (root >= 0) shares[root]!.push(index)
    }
  }
  return shares
}

// A changeset names its packages itself, and a Release-As in a commit that touches no component, or that names one, must be seen wherever it could be meant.
function concerned(
  commit: RangeCommit,
  placeOf: ReadonlyMap<string, number>,
): Iterable<number> | 'all' {
  const { touches, empty, parsed } = commit
  if (commit.changesets !== undefined) return 'all'
  const { releaseAs } = parsed
  if (releaseAs.length === 0 && touches.length > 0) return touches.map((name) => placeOf.get(name)!)
  const marked =
    releaseAs.length > 0 || parsed.findings.some(({ code }) => code === 'release-as-inert')
  if (touches.length === 0 && (empty || marked)) return 'all'
  if (releaseAs.some(({ component }) => component === '*')) return 'all'
  const named = releaseAs.flatMap(({ component }) => placeOf.get(component ?? '') ?? [])
  return new Set([...touches.map((name) => placeOf.get(name)!), ...named])
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
      (name) => name !== commit.commit && marks[history.indexOf(name)!] === 1,
    )
    return { ...commit, reaches }
  })
}

// An order that a maintenance branch carried out says nothing to the line it is merged into.
function withFulfilled(
  commits: readonly RangeCommit[],
  releases: readonly LastRelease[],
  history: History<RangeCommit>,
): readonly RangeCommit[] {
  return commits.map((commit) => {
    if (commit.parsed.releaseAs.length === 0) return commit
    const wanted = new Set(commit.parsed.releaseAs.map(({ version }) => version))
    const fulfilled = releases.filter(
      (release) =>
        wanted.has(release.version) &&
        reachableFrom(history, [release.commit])[history.indexOf(commit.commit)!] === 1,
    )
    if (fulfilled.length === 0) return commit
    return { ...commit, fulfilled: fulfilled.map(({ version }) => version) }
  })
}

function marksRelease({ releaseAs, findings }: RangeCommit['parsed']): boolean {
  return releaseAs.length > 0 || findings.some(({ code }) => code === 'release-as-inert')
}
