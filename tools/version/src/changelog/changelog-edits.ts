import type { FileEdit } from '../edits/version-edits.ts'
import type { PlannedEdit, PlannedRelease } from '../types.ts'
import { joinPath, type ReadBytes } from '../workspace-files.ts'
import { insertSection } from './insert-section.ts'
import type { ReleaseNotes } from './notes.ts'

export interface ChangelogOptions {
  /** Whether a changelog is edited where it is, made where it isn't, or left alone. @default 'existing' */
  readonly changelog?: 'existing' | 'always' | 'never' | undefined
  /** Where each component's changelog lies, relative to its folder; with a leading `/`, to the root. @default 'CHANGELOG.md' */
  readonly changelogFiles?: Readonly<Record<string, string | undefined>> | undefined
  /** The repository's web address, for links. @default that of the remote `origin` */
  readonly repository?: string | undefined
  /** What each component's changelog and notes shall say, by its name. */
  readonly notes?: Readonly<Record<string, ReleaseNotes | undefined>> | undefined
}

/** The edits that add each release to its changelog. Components with one changelog are told apart in its headings. */
export async function changelogEdits(
  releases: readonly PlannedRelease[],
  read: ReadBytes,
  options: ChangelogOptions,
): Promise<readonly FileEdit[]> {
  if (options.changelog === 'never') return []
  const pathOf = ({ component, path }: PlannedRelease): string =>
    joinPath(path, options.changelogFiles?.[component] ?? 'CHANGELOG.md')
  const paths = [...new Set(releases.map(pathOf))]
  const edits = await Promise.all(
    paths.map(async (path) => {
      const before = await read(path)
      if (before === undefined && options.changelog !== 'always') return []
      const own = releases.filter((release) => pathOf(release) === path)
      return editsOf(before, own, options).map((edit) => ({ path, edit }))
    }),
  )
  return edits.flat()
}

function editsOf(
  before: Uint8Array | undefined,
  releases: readonly PlannedRelease[],
  options: ChangelogOptions,
): readonly PlannedEdit[] {
  const shared = releases.length > 1
  const all = releases.map((release) => {
    const { component, to } = release
    const label = shared ? `${component} ${to}` : to
    const notes = options.notes?.[component]
    return insertSection(before, release, { repository: options.repository, notes, label })
  })
  return shared ? together(all) : all.flat()
}

// Sections of one place follow each other; a new file has one header.
function together(all: readonly (readonly PlannedEdit[])[]): readonly PlannedEdit[] {
  const merged = new Map<number, PlannedEdit>()
  for (const edit of all.flat()) {
    const other = merged.get(edit.offset)
    const more = other === undefined ? edit.to : edit.to.slice(edit.to.search(/^(?:## |\[)/m))
    const joined = edit.from === '' ? `${other?.to ?? ''}${separator(other, more)}${more}` : edit.to
    merged.set(edit.offset, { ...edit, to: joined })
  }
  return [...merged.values()]
}

const separator = (other: PlannedEdit | undefined, more: string): string =>
  other === undefined || other.to.endsWith('\n\n') || more.startsWith('[') ? '' : '\n'
