import { visibleText } from '@waybill/core'
import type { Finding, ReportSection } from 'waybill'

const MOST_ROWS = 200

/** Tables of a report as Markdown, for a job's summary. A very long one is cut, and says so: a summary has a limit. */
export function sectionsMarkdown(sections: readonly ReportSection[]): string {
  return sections.map(sectionMarkdown).join('\n')
}

function sectionMarkdown({ title, head, rows }: ReportSection): string {
  if (rows.length === 0) return ''
  const shown = rows.slice(0, MOST_ROWS)
  const more = rows.length - shown.length
  return [
    `### ${escape(title)}`,
    '',
    line(head),
    line(head.map(() => '---')),
    // A row may be shorter than the head: its last cells are empty.
    ...shown.map((row) => line(head.map((_, column) => escape(row[column] ?? '')))),
    ...(more > 0 ? ['', `… and ${more} more`] : []),
    '',
  ].join('\n')
}

/** Findings as a list. */
export function findingsMarkdown(findings: readonly Finding[]): string {
  return findings
    .map(({ level, message, suggestion }) => {
      const advice = suggestion === undefined ? '' : ` ${escape(suggestion)}`
      return `- **${level}** ${escape(message)}${advice}\n`
    })
    .join('')
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** Text of any origin as Markdown that shows it and does nothing else. */
export function escape(text: string): string {
  return visibleText(text)
    .replaceAll(
      // An underscore within a word means nothing there; between dollars GitHub sets formulas.
      /[\\`*{}[\]<>#|~&@$]|\b_|_\b/g,
      (character) => `&#${character.codePointAt(0)};`,
    )
    .replaceAll(/\s+/g, ' ')
}
