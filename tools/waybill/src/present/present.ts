import { visibleLine, type Decision, type Finding, type Receipt, type Report } from '@waybill/core'
import { EXIT } from '../exit-code.ts'
import { checkedText } from './checked.ts'
import { indented } from './indented.ts'
import { short } from './units.ts'
import { table } from './table.ts'
import { throughRows } from './through.ts'

/** A result ready to be shown: as JSON, as text, and as the exit code it means. */
export interface Presentation {
  readonly json: unknown
  readonly text: string
  readonly exitCode: number
}

const presentations = new WeakSet<object>()

/** Says how a result is to be shown where none of the known kinds fits. */
export function presentation(
  json: unknown,
  text: string,
  exitCode: number = EXIT.done,
): Presentation {
  const made = { json, text, exitCode }
  presentations.add(made)
  return made
}

/** Finds out how to show any result of a run: a decision, a receipt, a report, a presentation, or nothing. */
export function present(result: unknown): Presentation {
  if (result === undefined || result === null) return presentation(undefined, '')
  if (typeof result !== 'object') return presentation(result, String(result))
  if (presentations.has(result)) return result as Presentation
  if ('status' in result && 'commits' in result) return presentDecision(result as Decision)
  if ('results' in result && 'plan' in result) return presentReceipt(result as Receipt)
  if ('ok' in result && 'findings' in result) return presentReport(result as Report)
  return presentation(result, JSON.stringify(result, null, 2))
}

/** A decision: whether and why, a line a commit. */
export function presentDecision(decision: Decision): Presentation {
  const codes = { due: EXIT.done, 'not-due': EXIT.nothing, blocked: EXIT.failed }
  return presentation(decision, decisionText(decision), codes[decision.status])
}

/** A decision in words. */
export function decisionText(decision: Decision): string {
  const { component, last, commits } = decision
  const since = last === null ? 'no release yet' : `last release ${last.tag}`
  const rows = commits.map((commit) => [
    `  ${short(commit.commit)}`,
    commit.bump === 'none' ? '-' : commit.bump,
    commit.subject.slice(0, 72),
    commit.reason,
  ])
  return [
    `${visibleLine(component.name)}: ${headline(decision)} (${since}, ${commits.length} commits)`,
    table(rows),
    ...reasonsOf(decision).map((reason) => `  ${visibleLine(reason)}`),
    findingsText(decision.findings),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function reasonsOf(decision: Decision): readonly string[] {
  return decision.status === 'due' ? (decision.reasons ?? []) : []
}

function headline(decision: Decision): string {
  if (decision.status === 'blocked') return 'blocked, the errors below must be mended first'
  if (decision.status === 'not-due') return 'nothing to release'
  const { release, releaseAs, resumed } = decision
  const why = resumed
    ? `${release.tag} stands on this commit: the same release again`
    : releaseAs === null
      ? `${decision.bump} bump`
      : `Release-As in ${short(releaseAs.commit)}`
  return `release ${release.version} is due, ${why}`
}

function presentReceipt(receipt: Receipt): Presentation {
  const rows = receipt.results.map((result) => [
    result.destination,
    result.name,
    result.kind,
    short(result.digest),
    result.outcome,
  ])
  const waived =
    receipt.waived === null ? '' : `identity was not proved: ${visibleLine(receipt.waived)}`
  const through = table(throughRows(receipt.through))
  const text = [table(rows), waived, through, findingsText(receipt.findings)]
    .filter((part) => part !== '')
    .join('\n')
  return presentation(receipt, text)
}

function presentReport(report: Report & Pick<Receipt, 'through'>): Presentation {
  const verdict = report.ok ? 'ok' : 'not ok'
  const through = table(throughRows(report.through))
  const text = [checkedText(report.checked), through, findingsText(report.findings), verdict]
  const shown = text.filter((part) => part !== '').join('\n')
  return presentation(report, shown, report.ok ? EXIT.done : EXIT.failed)
}

/** Findings, a line each, with what to do beneath. */
export function findingsText(findings: readonly Finding[]): string {
  return findings
    .flatMap(({ level, code, message, suggestion, where }) => {
      const place = where?.commit === undefined ? '' : ` (commit ${short(where.commit)})`
      return [
        `${level}: ${indented(message, '    ')}${place} [${code}]`,
        ...(suggestion === undefined ? [] : [`  ${indented(suggestion, '    ')}`]),
      ]
    })
    .join('\n')
}
