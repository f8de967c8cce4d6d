import type { Change, PlannedRelease } from '../types.ts'
import { linksOf, type Links } from './links.ts'
import { SECTION_TITLES } from './merge-changes.ts'
import type { ReleaseNotes } from './notes.ts'

type Rendered = Pick<
  PlannedRelease,
  'component' | 'to' | 'tag' | 'previousTag' | 'date' | 'changes' | 'reasons'
>

export interface RenderOptions {
  /** The repository's web address, for links: `https://github.com/acme/scim`. @default no links */
  readonly repository?: string | undefined
  readonly notes?: ReleaseNotes | undefined
}

/** Renders a release's notes: what breaks first, then the sections of Keep a Changelog, then where to compare. Pure. */
export function renderNotes(release: Rendered, options: RenderOptions = {}): string {
  const compare = compareLink(release, options)
  const { previousTag, tag } = release
  const last =
    compare === undefined || previousTag === null ? [] : [`[${previousTag}...${tag}](${compare})`]
  return `${[...blocks(release, options), ...last].join('\n\n')}\n`
}

/** Renders a release's section of a changelog, its heading linked where the repository is known. Pure. */
export function renderChangelog(release: Rendered, options: RenderOptions = {}): string {
  const link = compareLink(release, options)
  const title = link === undefined ? release.to : `[${release.to}](${link})`
  return `${[heading(release, title), ...blocks(release, options)].join('\n\n')}\n`
}

/** The heading of a release, `## 1.2.0 - 2026-11-21`. */
export function heading({ date }: Pick<Rendered, 'date'>, title: string): string {
  return `## ${title}${date === null ? '' : ` - ${date}`}`
}

/** Where a release can be compared with the one before, or seen. */
export function compareLink(
  { previousTag, tag }: Pick<Rendered, 'previousTag' | 'tag'>,
  { repository }: RenderOptions,
): string | undefined {
  if (repository === undefined) return undefined
  const links = linksOf(repository)
  return previousTag === null ? links.release(tag) : links.compare(previousTag, tag)
}

/** What stands below the heading: an introduction and the sections. */
export function blocks(release: Rendered, { repository, notes }: RenderOptions): readonly string[] {
  const intro = notes?.intro === undefined ? [] : [notes.intro.trim()]
  if (notes?.body !== undefined) return [...intro, notes.body.trim()]
  const links = repository === undefined ? undefined : linksOf(repository)
  const sections = SECTION_TITLES.flatMap(([section, title]) => {
    const own = release.changes.filter((change) => change.section === section)
    return own.length === 0
      ? []
      : [`### ${title}\n\n${own.map((one) => entry(one, links)).join('\n')}`]
  })
  return [...intro, ...(sections.length > 0 ? sections : [nothingNew(release)])]
}

function nothingNew({ reasons }: Rendered): string {
  const promoted = reasons.find(({ kind }) => kind === 'prerelease')
  if (promoted !== undefined) return `This release ${promoted.reason}.`
  const others = reasons.flatMap(({ component }) => component ?? [])
  if (others.length === 0) return 'No changes that concern users.'
  return `Released together with ${[...new Set(others)].join(', ')}; nothing else changed.`
}

function entry({ text, scope, commits, pulls }: Change, links: Links | undefined): string {
  const [first = '', ...more] = text.split('\n').map(withoutTags)
  const references = [
    ...pulls.map((number) => reference(`#${number}`, links?.pull(number))),
    ...commits.map((commit) => reference(commit.slice(0, 7), links?.commit(commit))),
  ]
  const behind = references.length === 0 ? '' : ` (${references.join(', ')})`
  const lines = more.map((line) => (line.trim() === '' ? '' : `  ${line}`))
  return [`- ${scope === null ? '' : `**${scope}:** `}${first}${behind}`, ...lines].join('\n')
}

const reference = (text: string, link: string | undefined): string =>
  link === undefined ? text : `[${text}](${link})`

// `Vec<T>` in a subject is no HTML; outside of code it would vanish.
function withoutTags(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll(/<(?=[A-Za-z/!])/g, '\\<')))
    .join('')
}
