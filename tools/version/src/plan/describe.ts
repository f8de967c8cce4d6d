import type { Finding } from '@waybill/core'
import type { Changeset } from '../changesets/types.ts'
import { collectChanges, inertMarkers } from '../changelog/collect-changes.ts'
import type { ReleaseNotes } from '../changelog/notes.ts'
import type { PlannedRelease } from '../types.ts'
import type { GitFacts } from './git-facts.ts'
import type { Unit } from '../units/units.ts'

export interface DescribeInput {
  readonly units: readonly Unit[]
  readonly changesets: readonly Changeset[]
  readonly facts: GitFacts
  readonly notes: Readonly<Record<string, ReleaseNotes | undefined>>
}

export interface Described {
  readonly releases: readonly PlannedRelease[]
  readonly findings: readonly Finding[]
}

/** Completes releases with their date and what their changelogs say. Pure. */
export function describeReleases(
  releases: readonly PlannedRelease[],
  input: DescribeInput,
): Described {
  const described = releases.map((release) => describe(release, releases, input))
  return {
    releases: described.map(({ release }) => release),
    findings: described.flatMap(({ findings }) => findings),
  }
}

function describe(
  release: PlannedRelease,
  releases: readonly PlannedRelease[],
  { units, changesets, facts, notes }: DescribeInput,
): { readonly release: PlannedRelease; readonly findings: readonly Finding[] } {
  const decision = units.find(({ id }) => id === release.component)!.decision!
  const created = decision.status === 'due' ? decision.release.created : facts.created
  // A commit that only orders a version is no change.
  const commits = decision.commits
    .filter(({ verdict, bump }) => verdict === 'release' && bump !== 'none')
    .map(({ commit, subject }) => ({ commit, message: facts.messages.get(commit) ?? subject }))
  const own = notes[release.component]
  const counted = release.reasons.flatMap(({ changeset, bump }) =>
    changesets.filter(({ id }) => id === changeset).map((one) => ({ ...one, bump })),
  )
  const needs = release.reasons
    .filter(({ kind }) => kind === 'dependency')
    .flatMap(({ component }) => releases.filter((one) => one.component === component))
  const changes = collectChanges({ commits, changesets: counted, needs, notes: own })
  return {
    release: { ...release, date: dateOf(created || facts.created), changes },
    findings: [
      ...commits.flatMap(({ commit, message }) => inertMarkers(commit, message)),
      ...unusedNotes(own, commits),
    ],
  }
}

const dateOf = (seconds: number | undefined): string | null =>
  seconds === undefined ? null : new Date(seconds * 1000).toISOString().slice(0, 10)

function unusedNotes(
  notes: ReleaseNotes | undefined,
  commits: readonly { readonly commit: string }[],
): readonly Finding[] {
  return Object.keys(notes?.commits ?? {})
    .filter((name) => !commits.some(({ commit }) => commit.startsWith(name)))
    .map((name) => ({
      code: 'notes-unused',
      level: 'warning',
      message: `The notes speak of the commit ${name}, which releases nothing here`,
      suggestion: 'Write the start of the name of a commit of this release.',
      where: { commit: name },
    }))
}
