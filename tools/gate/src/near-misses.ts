import type { Finding } from '@waybill/core'
import { parseHeader } from './header.ts'
import { marksBreaking, type LineKind } from './footer-zone.ts'

const MARKED = /^(?:fixup|squash|amend)! /
// Not under `#` or `>`: headings and quotes are what others said. Capitals mean it even without a colon.
const BREAKING =
  /^[^A-Za-z0-9#>]{0,8}(?:BREAKING[ _-]*CHANGES?(?![A-Za-z])|BREAKING\s*:|(?:Breaking[ _-]+[Cc]hanges?|breaking[ _-]+changes?)[*_]*:? )/

const TELLING_BULLET = /^\s*[*-] +(?:feat|fix|perf|[^\s:]*!:)/i

/** How many findings of one kind a message gets; more would say nothing new. */
const ENOUGH = 100

// Each repair turns a subject that nearly is a conventional header into one.
const REPAIRS: readonly ((subject: string) => string)[] = [
  (s) => s.replace(/^(\w+)(\([^()]*\))?\\!:/, '$1$2!:'),
  (s) => s.replace(/^(\w+)\s+(?=\([^()]*\)!?:)/, '$1'),
  (s) => s.replace(/^(\w+)\(\)/, '$1'),
  (s) => s.replace(/^(\w+)!(\([^()]*\)):/, '$1$2!:'),
  (s) => s.replace(/^(\w+(?:\([^()]*\))?!?)\s+:\s*/, '$1: '),
  (s) => s.replace(/^(\w+)\(([^()]*)\)\(([^()]*)\)/, '$1($2,$3)'),
  (s) => s.replace(/^(\w+)\(([^()]*)\(([^()]*)\)\)/, '$1($2 $3)'),
  (s) => s.replace(/^(\w+)[[{]([^\][{}()]*)[\]}](?=!?:)/, '$1($2)'),
  (s) => s.replace(/^[^\p{L}\p{N}]+(?=\p{L})/u, ''),
  (s) => s.replace(/^\[(\w+)\]:?\s*/, '$1: '),
  (s) => s.replace(/^(feat|fix|perf)(\([^()]*\))?(!?)[;.,]?\s+-?\s*/i, '$1$2$3: '),
]

/** What a subject would have to be to count, where only a small thing is wrong with it. */
export function repairSubject(subject: string): string | null {
  if (subject.length > 1000) return null
  for (const repair of REPAIRS) {
    const repaired = repair(subject)
    if (repaired !== subject && parseHeader(repaired) !== null) return repaired
  }
  return null
}

/** Findings for a subject that is no conventional header but nearly is one. */
export function subjectFindings(subject: string): Finding[] {
  if (MARKED.test(subject)) {
    const message = `"${short(subject)}" was meant to be squashed into another commit and counts for nothing`
    return [
      {
        code: 'unsquashed',
        level: 'warning',
        message,
        suggestion: 'git rebase --autosquash before merging',
      },
    ]
  }
  const breaking = /^BREAKING[ _-]CHANGE\s*!?:\s*(.*)$/s.exec(subject)
  const suggestion = breaking === null ? repairSubject(subject) : `feat!: ${breaking[1]}`
  if (suggestion === null) return []
  const message = `"${short(subject)}" is nearly a conventional header, but counts for nothing`
  return [{ code: 'near-miss', level: 'warning', message, suggestion: short(suggestion) }]
}

/** Findings for body lines that look as if they should count. */
export function bodyFindings(lines: readonly string[], kinds: readonly LineKind[]): Finding[] {
  const findings: Finding[] = []
  for (let index = 1; index < lines.length && findings.length < ENOUGH; index++) {
    const line = lines[index]!
    if (line === '' || kinds[index] === 'fenced') continue
    if (BREAKING.test(line) && !marksBreaking(line)) findings.push(breakingFinding(line, index + 1))
    else if (TELLING_BULLET.test(line)) findings.push(...bulletFindings(line, index + 1))
  }
  return findings
}

function bulletFindings(line: string, number: number): Finding[] {
  const header = parseHeader(line.replace(/^\s*[*-] /, ''))
  if (header === null || !(header.breaking || /^(?:feat|fix|perf)$/i.test(header.type))) return []
  return [
    {
      code: 'squashed-header',
      level: 'note',
      message: `"${short(line)}" in the body does not count; only the subject does`,
      suggestion: `Give the squashed commit the subject "${short(line.replace(/^\s*[*-] /, ''))}", or merge without squashing`,
      where: { line: number },
    },
  ]
}

function breakingFinding(line: string, number: number): Finding {
  return {
    code: 'near-miss',
    level: 'warning',
    message: `"${short(line)}" does not mark a breaking change`,
    suggestion: 'Write BREAKING CHANGE: at the start of the line',
    where: { line: number },
  }
}

function short(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}
