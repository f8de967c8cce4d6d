import type { Finding } from '@waybill/core'
import { parseCommit, type ParsedCommit } from '@waybill/gate'
import type { Changeset } from '../changesets/types.ts'
import type { Change, ChangeSection, PlannedRelease } from '../types.ts'
import type { ReleaseNotes } from './notes.ts'
import { mergeChanges } from './merge-changes.ts'

/** What a component's changes are collected from. */
export interface ChangeSources {
  /** Commits that release it, newest first; the whole message, or the subject where no more is known. */
  readonly commits: readonly { readonly commit: string; readonly message: string }[]
  /** Changesets that count for it, with what they ask of it. */
  readonly changesets: readonly (Changeset & { readonly bump: string })[]
  /** The releases that come with it because it needs them. */
  readonly needs: readonly Pick<PlannedRelease, 'component' | 'to'>[]
  readonly notes?: ReleaseNotes | undefined
}

const SECTIONS: Readonly<Record<string, ChangeSection>> = {
  feat: 'added',
  feature: 'added',
  add: 'added',
  fix: 'fixed',
  bugfix: 'fixed',
  deprecate: 'deprecated',
  deprecated: 'deprecated',
  remove: 'removed',
  removed: 'removed',
  security: 'security',
}
const BUMPS: Readonly<Record<string, ChangeSection>> = {
  major: 'breaking',
  minor: 'added',
  patch: 'fixed',
}

/** Collects what a release's changelog says: from changesets, commits and needs, each change once. Pure. */
export function collectChanges(sources: ChangeSources): readonly Change[] {
  const { changesets, commits, needs, notes } = sources
  // A commit that brings a changeset is described by it.
  const described = new Set(changesets.map(({ commit }) => commit))
  const own = commits.filter(({ commit }) => !described.has(commit))
  return mergeChanges([
    ...changesets.map(changesetChange),
    ...own.flatMap(({ commit, message }) => commitChange(commit, message, notes)),
    ...needs.map(needChange),
  ])
}

function changesetChange({ summary, bump, commit, id }: Changeset & { bump: string }): Change {
  const { text, pulls } = withoutPulls(summary === '' ? id : summary)
  return { section: BUMPS[bump] ?? 'changed', text, scope: null, commits: [commit], pulls }
}

function needChange({ component, to }: Pick<PlannedRelease, 'component' | 'to'>): Change {
  return {
    section: 'changed',
    text: `Needs ${component} ${to}`,
    scope: null,
    commits: [],
    pulls: [],
  }
}

function commitChange(
  commit: string,
  message: string,
  notes: ReleaseNotes | undefined,
): readonly Change[] {
  const override = overrideOf(commit, notes)
  if (override === null) return []
  const parsed = parseCommit(Buffer.from(message, 'utf8'))
  const header = parsed.header ?? parsed.merged
  const { text, pulls } = withoutPulls(header?.description || parsed.subject)
  const written = typeof override === 'string' ? { text: override } : override
  return [
    {
      section: written?.section ?? sectionOf(parsed),
      text: written?.text ?? explained(text, parsed.breaking),
      scope: written?.text === undefined ? (header?.scope ?? null) : null,
      commits: [commit],
      pulls,
    },
  ]
}

function sectionOf({ header, merged, breaking }: ParsedCommit): ChangeSection {
  const used = header ?? merged
  if (breaking.length > 0 || used?.breaking === true) return 'breaking'
  if (used?.scope?.toLowerCase() === 'security') return 'security'
  const type = used?.type.toLowerCase() ?? ''
  return Object.hasOwn(SECTIONS, type) ? SECTIONS[type]! : 'changed'
}

const explained = (text: string, breaking: readonly string[]): string =>
  [text, ...breaking.filter((note) => note.trim() !== text)].join('\n')

function overrideOf(commit: string, notes: ReleaseNotes | undefined): Override | undefined {
  const entry = Object.entries(notes?.commits ?? {}).find(([name]) => commit.startsWith(name))
  return entry?.[1]
}

type Override = NonNullable<ReleaseNotes['commits']>[string]

// `fix: x (#12)`, as GitHub squashes it; `(#12) (#13)` happens.
function withoutPulls(text: string): { readonly text: string; readonly pulls: readonly number[] } {
  const [line = '', ...more] = text.split('\n')
  const match = /^(.*?)((?:\s*\(#\d+\))*)\s*$/.exec(line)
  const pulls = [...(match?.[2] ?? '').matchAll(/\d+/g)].map(([digits]) => Number(digits))
  const first = match?.[1] === undefined || match[1] === '' ? line : match[1]
  return { text: [first, ...more].join('\n').trim(), pulls }
}

/** Markers of release-please that mean something in a pull request's body only. */
export function inertMarkers(commit: string, message: string): readonly Finding[] {
  if (!message.includes('BEGIN_COMMIT_OVERRIDE')) return []
  return [
    {
      code: 'override-inert',
      level: 'warning',
      message: 'BEGIN_COMMIT_OVERRIDE in a commit message changes nothing',
      suggestion: 'Give the text as data: notes.commits by the commit’s name.',
      where: { commit },
    },
  ]
}
