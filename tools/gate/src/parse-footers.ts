import { classifyLines, type LineKind } from './footer-zone.ts'
import type { CommitFooter } from './parsed-commit.ts'

const FOOTER = /^(BREAKING[ -]CHANGE|[A-Za-z][A-Za-z0-9-]*)(\([^()]*\))?!?(?::\s*| #)(.*)$/s
const BREAKING = /^BREAKING[ -]CHANGE(?:\([^()]*\))?!?(?::| #)/

/** Reads the footers of a message: those of the footer zone, and `BREAKING CHANGE` at the start of any line. Total. */
export function parseFooters(message: string): CommitFooter[] {
  const lines = message.trimEnd().split(/\r?\n/)
  return footersOf(lines, classifyLines(lines))
}

/** Reads the footers of lines that are classified already. */
export function footersOf(lines: readonly string[], kinds: readonly LineKind[]): CommitFooter[] {
  const footers: CommitFooter[] = []
  for (const [index, line] of lines.entries()) {
    // BREAKING CHANGE counts at the start of any line, as everybody expects.
    const breaking = kinds[index] === 'prose' && BREAKING.test(line)
    if (kinds[index] !== 'footer' && !breaking) continue
    const [, token = '', , value = ''] = FOOTER.exec(line) ?? []
    let end = index + 1
    while (kinds[end] === 'continuation') end++
    const text = [value, ...lines.slice(index + 1, end)].join('\n').trim()
    if (token !== '') footers.push({ token, value: text, line: index + 1 })
  }
  return footers
}
