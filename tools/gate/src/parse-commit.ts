import type { Finding } from '@waybill/core'
import { classifyLines, type LineKind } from './footer-zone.ts'
import { parseHeader } from './header.ts'
import { bodyFindings, subjectFindings } from './near-misses.ts'
import { parseReverts } from './parse-reverts.ts'
import type { CommitFooter, CommitHeader, ParsedCommit } from './parsed-commit.ts'
import { findReleaseAs } from './release-as.ts'

const FOOTER = /^(BREAKING[ -]CHANGE|[A-Za-z][A-Za-z0-9-]*)(\([^()]*\))?!?(?::\s*| #)(.*)$/s
const MERGE = /^(?:Merge |Merged )/
const PULL = / \(#(\d+)\)\s*$/
const NOTHING: readonly never[] = []

/** Reads a commit message. Total: there is an answer for any bytes, and nothing is ever thrown. */
export function parseCommit(message: Uint8Array | string): ParsedCommit {
  const text = typeof message === 'string' ? message : new TextDecoder().decode(message)
  const end = text.search(/\r?\n/)
  const subject = (end < 0 ? text : text.slice(0, end)).trimEnd()
  const header = parseHeader(subject)
  const pull = PULL.exec(subject.slice(-20))?.[1]
  const body = end < 0 ? '' : text.slice(end).trim()
  const common = { subject, header, pull: pull === undefined ? null : Number(pull) }
  if (body === '') return { ...common, ...withoutBody(subject, header) }
  const lines = text.trimEnd().split(/\r?\n/)
  return { ...common, ...withBody(lines, text, header) }
}

type Rest = Omit<ParsedCommit, 'subject' | 'header' | 'pull'>

function withoutBody(subject: string, header: CommitHeader | null): Rest {
  const findings = headFindings(subject, header)
  return {
    merged: null,
    footers: NOTHING,
    breaking: NOTHING,
    releaseAs: NOTHING,
    reverts: parseReverts(subject, subject),
    findings: /release-as/i.test(subject)
      ? [...findings, ...findReleaseAs([subject], ['subject']).findings]
      : findings,
  }
}

function withBody(lines: readonly string[], text: string, header: CommitHeader | null): Rest {
  const kinds = classifyLines(lines)
  const footers = readFooters(lines, kinds)
  const marks = /release-as/i.test(text)
    ? findReleaseAs(lines, kinds)
    : { releaseAs: NOTHING, findings: NOTHING }
  const breaking = footers.filter(({ token }) => /^BREAKING[ -]CHANGE$/.test(token))
  return {
    merged: MERGE.test(lines[0]!) ? mergedHeader(lines, kinds) : null,
    footers,
    breaking: breaking.map(({ value }) => value),
    releaseAs: marks.releaseAs,
    reverts: parseReverts(lines[0]!, text),
    findings: [
      ...headFindings(lines[0]!, header),
      ...bodyFindings(lines, kinds),
      ...marks.findings,
    ],
  }
}

function headFindings(subject: string, header: CommitHeader | null): readonly Finding[] {
  if (header === null) return subjectFindings(subject)
  if (header.type === header.type.toLowerCase()) return NOTHING
  return [
    {
      code: 'type-case',
      level: 'note',
      message: `The type "${header.type}" is read as "${header.type.toLowerCase()}"; other tools may not`,
      suggestion: subject.replace(header.type, header.type.toLowerCase()).slice(0, 100),
    },
  ]
}

function mergedHeader(lines: readonly string[], kinds: readonly LineKind[]): CommitHeader | null {
  const first = lines.findIndex((_line, index) => index > 0 && kinds[index] !== 'blank')
  return first < 0 ? null : parseHeader(lines[first]!.trim())
}

// BREAKING CHANGE counts anywhere at the start of a line, as everybody expects; other footers in the footer zone only.
function readFooters(lines: readonly string[], kinds: readonly LineKind[]): CommitFooter[] {
  const footers: CommitFooter[] = []
  for (const [index, line] of lines.entries()) {
    const breaking =
      kinds[index] === 'prose' && /^BREAKING[ -]CHANGE(?:\([^()]*\))?!?(?::| #)/.test(line)
    if (kinds[index] !== 'footer' && !breaking) continue
    const [, token = '', , value = ''] = FOOTER.exec(line) ?? []
    let end = index + 1
    while (kinds[end] === 'continuation') end++
    const text = [value, ...lines.slice(index + 1, end)].join('\n').trim()
    if (token !== '') footers.push({ token, value: text, line: index + 1 })
  }
  return footers
}
