import type { Finding } from '@waybill/core'
import { classifyLines, linesOf, type LineKind } from './footer-zone.ts'
import { parseHeader } from './header.ts'
import { bodyFindings, subjectFindings } from './near-misses.ts'
import { breakingOf } from './parse-footers.ts'
import { parseReverts } from './parse-reverts.ts'
import type { CommitHeader, ParsedCommit } from './parsed-commit.ts'
import { findReleaseAs, mayOrder } from './release-as.ts'

const MERGE = /^Merged? /
const PULL = / \(#(\d+)\)\s*$/
const NOTHING: readonly never[] = []
// A body without any of these says nothing; most bodies are such, and are not looked at any closer.
const TELLING = /breaking|revert|^[ \t]*[*-] +[^\s:]{1,40}:/im

const IN_BODY = /breaking|^[ \t]*[*-] +[^\s:]{1,40}:/im
const NO_MARKS = { releaseAs: NOTHING, findings: NOTHING }

/** Reads a commit message. Total: there is an answer for any bytes, and nothing is ever thrown. */
export function parseCommit(message: Uint8Array | string): ParsedCommit {
  const text = typeof message === 'string' ? message : new TextDecoder().decode(message)
  const end = text.indexOf('\n')
  const subject = (end < 0 ? text : text.slice(0, end)).trimEnd()
  const header = parseHeader(subject)
  const isTelling =
    header === null
      ? end >= 0 || /release-as|revert/i.test(subject)
      : TELLING.test(text) || mayOrder(text)
  return isTelling ? readWhole(text, subject, header) : readSubject(subject, header)
}

function readSubject(subject: string, header: CommitHeader | null): ParsedCommit {
  return {
    subject,
    header,
    merged: null,
    breaking: NOTHING,
    releaseAs: NOTHING,
    reverts: null,
    pull: pullOf(subject),
    findings: headFindings(subject, header),
  }
}

function readWhole(text: string, subject: string, header: CommitHeader | null): ParsedCommit {
  const lines = linesOf(text)
  const kinds = classifyLines(lines)
  const breaking = text.includes('BREAKING') ? breakingOf(lines, kinds) : NOTHING
  const marks = mayOrder(text) ? findReleaseAs(lines, kinds) : NO_MARKS
  return {
    subject,
    header,
    merged: MERGE.test(subject) ? mergedHeader(lines, kinds) : null,
    breaking,
    releaseAs: marks.releaseAs,
    reverts: parseReverts(subject, text),
    pull: pullOf(subject),
    findings: [
      ...headFindings(subject, header),
      ...(IN_BODY.test(text) ? bodyFindings(lines, kinds) : NOTHING),
      ...marks.findings,
    ],
  }
}

function pullOf(subject: string): number | null {
  if (!subject.endsWith(')')) return null
  const digits = PULL.exec(subject.slice(-20))?.[1]
  return digits === undefined ? null : Number(digits)
}

function headFindings(subject: string, header: CommitHeader | null): readonly Finding[] {
  if (header === null) return subjectFindings(subject)
  const lower = header.type.toLowerCase()
  if (header.type === lower) return NOTHING
  return [
    {
      code: 'type-case',
      level: 'note',
      message: `The type "${header.type}" is read as "${lower}"; other tools may not`,
      suggestion: subject.replace(header.type, lower).slice(0, 100),
    },
  ]
}

function mergedHeader(lines: readonly string[], kinds: readonly LineKind[]): CommitHeader | null {
  const first = lines.findIndex((_line, index) => index > 0 && kinds[index] !== 'blank')
  return first < 0 ? null : parseHeader(lines[first]!.trim())
}
