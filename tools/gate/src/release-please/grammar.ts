// The grammar of @conventional-commits/parser 0.4.1, which release-please parses every message with, written over lines.
// Its white space is these characters only, its line ends any run of CR and LF, and one bad line fails the whole message.
const SPACE = '\\ufeff\\t\\v\\f \\u00a0'
const TYPE = `[^()!:\\r\\n${SPACE}]+`
const BREAKING = 'BREAKING[ -]CHANGE'
const REST = `(:| #)[${SPACE}]*(.*)$`

const SUMMARY = new RegExp(`^(${TYPE})(?:\\(([^()]+)\\))?(!|${BREAKING})?${REST}`, 's')
const FOOTER = new RegExp(
  `^(?:(!)|(${BREAKING})|(?!${BREAKING})(${TYPE})(?:\\(([^()]+)\\))?(!|${BREAKING})?)${REST}`,
  's',
)
const FAILS = new RegExp(`^(?!!|${BREAKING})${TYPE}\\([^()]*(?:\\(|$)`)
const MARKER = new RegExp(`^(${BREAKING}):[${SPACE}]*`)
const CONTINUES = new RegExp(`^[${SPACE}]+`)

/** The first line, read. */
export interface Summary {
  readonly type: string
  readonly scope: string | null
  readonly bang: boolean
  readonly text: string
}

/** One footer, read; `lines` holds the text and its continuations without their indentation. */
export interface Footer {
  /** Null for `BREAKING CHANGE` and a lone `!`. */
  readonly type: string | null
  readonly scope: string | null
  readonly mark: string
  readonly separator: ':' | ' #'
  readonly lines: readonly string[]
}

export interface Tree {
  readonly summary: Summary
  /** Body lines; `marked` ones began with the breaking marker, which is taken off. */
  readonly body: readonly { readonly text: string; readonly marked: boolean }[]
  readonly footers: readonly Footer[]
}

/** Reads a message; text instead of a tree says why the whole message fails. */
export function readTree(message: string): Tree | string {
  const lines = message.trim().split(/[\r\n]+/)
  const summary = readSummary(lines[0]!)
  if (summary === null) return `cannot read the subject "${lines[0]!.slice(0, 80)}"`
  const end = footersFrom(lines)
  const failing = lines.slice(1, end).find((line) => FAILS.test(line))
  if (failing !== undefined) return `fails on the line "${failing.slice(0, 80)}"`
  return {
    summary,
    body: lines.slice(1, end).map(readBodyLine),
    footers: readFooters(lines.slice(end)),
  }
}

function readSummary(line: string): Summary | null {
  const match = SUMMARY.exec(line)
  if (match === null) return null
  const [, type = '', scope = null, mark, , text = ''] = match
  return { type, scope, bang: mark !== undefined, text }
}

function readBodyLine(line: string): Tree['body'][number] {
  const marker = MARKER.exec(line)
  return { text: marker === null ? line : line.slice(marker[0].length), marked: marker !== null }
}

// Footers begin where nothing but footers and their continuations follows.
function footersFrom(lines: readonly string[]): number {
  let start = lines.length
  for (let index = lines.length - 1; index > 0; index--) {
    if (CONTINUES.test(lines[index]!)) continue
    if (!FOOTER.test(lines[index]!)) break
    start = index
  }
  return start
}

function readFooters(lines: readonly string[]): Footer[] {
  const footers: (Footer & { lines: string[] })[] = []
  for (const line of lines) {
    const indent = CONTINUES.exec(line)
    if (indent !== null) footers.at(-1)!.lines.push(line.slice(indent[0].length))
    else footers.push(readFooter(line))
  }
  return footers
}

function readFooter(line: string): Footer & { lines: string[] } {
  const [, bang, breaking, type = null, scope = null, mark = '', separator, text = ''] =
    FOOTER.exec(line)!
  return {
    type,
    scope,
    mark: bang ?? breaking ?? mark,
    separator: separator as ':' | ' #',
    lines: [text],
  }
}
