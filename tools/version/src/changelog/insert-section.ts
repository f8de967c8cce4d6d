import { toText } from '../locate/tree.ts'
import type { PlannedEdit, PlannedRelease } from '../types.ts'
import {
  blocks,
  compareLink,
  heading,
  renderChangelog,
  type RenderOptions,
} from './render-changelog.ts'
import { headingOf } from './section.ts'

const HEADER = [
  '# Changelog',
  '',
  'The layout is that of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/), versions follow',
  '[Semantic Versioning](https://semver.org/spec/v2.0.0.html).',
  '',
  '',
].join('\n')

const UNRELEASED = /^##[ \t]+\[?unreleased\]?[^\r\n]*(?:\r?\n|$)/im
const RELEASED = /^##?[ \t]+\[?(?:[^\s\]]+[ \t@-])?v?\d+\.\d+\.\d+/m
const DEFINITION = /^\[[^\]\r\n]*\d+\.\d+\.\d+[^\]\r\n]*\]:[ \t]/m
const OPEN_RANGE = /^\[unreleased\]:[^\r\n]*\/compare\/([^\r\n]+?)\.\.\.HEAD/im

export interface InsertOptions extends RenderOptions {
  /** What the heading says. @default the version */
  readonly label?: string
}

/**
 * The edits that put a release's section into a changelog: below `Unreleased`, whose entries become the release's, else above the
 * newest release. Links are definitions at the end where the file has such, else in the heading. None where the section stands already.
 */
export function insertSection(
  before: Uint8Array | undefined,
  release: PlannedRelease,
  options: InsertOptions = {},
): readonly PlannedEdit[] {
  const label = options.label ?? release.to
  const named = { ...release, to: label }
  if (before === undefined) return [insert(0, HEADER + renderChangelog(named, options))]
  const text = toText(before)
  if (hasSection(text, label)) return []
  const end = /\r\n/.test(text) ? '\r\n' : '\n'
  const link = compareLink(release, options)
  const byDefinition = link !== undefined && DEFINITION.test(text)
  const section = byDefinition
    ? [heading(release, `[${label}]`), ...blocks(named, options)].join('\n\n')
    : renderChangelog(named, options).trimEnd()
  const edits = [place(text, section)]
  const all = byDefinition
    ? [...edits, ...definitions(text, `[${label}]: ${link}`, release)]
    : edits
  return all.map((edit) => ({ ...edit, to: edit.to.replaceAll(/\r?\n/g, end) }))
}

const hasSection = (text: string, label: string): boolean => headingOf(label).test(text)

function place(text: string, section: string): PlannedEdit {
  const unreleased = UNRELEASED.exec(text)
  if (unreleased !== null) {
    const at = unreleased.index + unreleased[0].length
    const break_ = unreleased[0].endsWith('\n') ? '' : '\n'
    const behind = /^\s*$/.test(text.slice(at))
      ? '\n'
      : /^\r?\n/.test(text.slice(at))
        ? '\n'
        : '\n\n'
    return insert(at, `${break_}\n${section}${behind}`)
  }
  const newest = RELEASED.exec(text)
  if (newest !== null) return insert(newest.index, `${section}\n\n`)
  const gap = text === '' || /\n\r?\n$/.test(text) ? '' : text.endsWith('\n') ? '\n' : '\n\n'
  return insert(text.length, `${gap}${section}\n`)
}

function definitions(text: string, line: string, { tag }: PlannedRelease): readonly PlannedEdit[] {
  const at = DEFINITION.exec(text)!.index
  const open = OPEN_RANGE.exec(text)
  const from = open?.[1]
  if (open === null || from === undefined) return [insert(at, `${line}\n`)]
  const offset = open.index + open[0].length - '...HEAD'.length - from.length
  return [insert(at, `${line}\n`), { at: 'Unreleased', offset, from, to: tag }]
}

const insert = (offset: number, to: string): PlannedEdit => ({
  at: 'changelog',
  offset,
  from: '',
  to,
})
