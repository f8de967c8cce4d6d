import type { Component, LastRelease } from '@waybill/core'
import semver from 'semver'
import type { HistoryGit } from './git.ts'
import { tagFormat, versionOf } from './tag-format.ts'

/** A tag and the commit it leads to. */
export interface TagRef {
  readonly tag: string
  readonly commit: string
}

/** Every tag of the repository, and which of them can be reached from the head. */
export interface Tags {
  readonly all: readonly TagRef[]
  readonly reachable: ReadonlySet<string>
}

/** What the tags say of one component. */
export interface ComponentTags {
  readonly last: LastRelease | null
  readonly standing: LastRelease | null
  readonly tagged: readonly string[]
  /** Those that the head reaches, its own excepted. */
  readonly earlier: readonly LastRelease[]
}

interface ReadTagsOptions {
  /** Leave out the tags on descendants of the head: looked at from there, they are not made yet. */
  readonly replay: boolean
}

export async function readTags(
  git: HistoryGit,
  head: string,
  options: ReadTagsOptions,
): Promise<Tags> {
  const all = await listTags(git, [])
  if (all.length === 0) return { all, reachable: new Set() }
  const reachable = namesOf(await listTags(git, [`--merged=${head}`]))
  const later = options.replay ? namesOf(await listTags(git, [`--contains=${head}`])) : new Set()
  return { all: all.filter(({ tag }) => reachable.has(tag) || !later.has(tag)), reachable }
}

function namesOf(tags: readonly TagRef[]): Set<string> {
  return new Set(tags.map(({ tag }) => tag))
}

/** Every tag that leads to a commit; `more` narrows it down as `git for-each-ref` does. */
export async function listTags(git: HistoryGit, more: readonly string[]): Promise<TagRef[]> {
  const format = '--format=%(refname)%00%(objectname)%00%(*objectname)%00%(*objecttype)'
  const text = await git.text(['for-each-ref', ...more, format, 'refs/tags/'])
  const lines = text.split('\n').filter((line) => line !== '')
  return Promise.all(
    lines.map(async (line) => {
      const [name = '', object = '', peeled = '', type = ''] = line.split('\0')
      const commit = type === 'tag' ? await peel(git, name) : peeled || object
      return { tag: name.slice('refs/tags/'.length), commit }
    }),
  )
}

// A tag of a tag: before 2.45 git looks through one of them only.
const peel = async (git: HistoryGit, name: string): Promise<string> =>
  (await git.text(['rev-parse', '--verify', `${name}^{}`])).trim()

/** Picks the tags of one component: the highest reachable, the one on the head, and every version there is. */
export function tagsOf(component: Component, tags: Tags, head: string): ComponentTags {
  const format = tagFormat(component)
  const own = tags.all.flatMap(({ tag, commit }) => {
    const version = versionOf(format, tag)
    return version === null ? [] : [{ tag, version, commit }]
  })
  const reachable = own.filter(({ tag }) => tags.reachable.has(tag))
  const earlier = reachable.filter(({ commit }) => commit !== head)
  return {
    earlier,
    last: highest(earlier),
    standing: highest(reachable.filter(({ commit }) => commit === head)),
    tagged: own.map(({ version }) => version),
  }
}

/** The highest release by semantic version. */
export function highest(releases: readonly LastRelease[]): LastRelease | null {
  return releases.toSorted((a, b) => semver.compareBuild(b.version, a.version))[0] ?? null
}
