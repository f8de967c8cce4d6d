import { classifyLines, linesOf, marksBreaking, type LineKind } from './footer-zone.ts'
import type { CommitFooter } from './parsed-commit.ts'

const FOOTER = /^(BREAKING[ -]CHANGE|[A-Za-z][A-Za-z0-9-]*)(\([^()]*\))?!?(?::\s*| #)(.*)$/s

/** Reads the footers of a message: those of the footer zone, and `BREAKING CHANGE` at the start of any line. Total. */
export function parseFooters(message: string): CommitFooter[] {
  const lines = linesOf(message)
  const kinds = classifyLines(lines)
  const footers: CommitFooter[] = []
  for (let index = 1; index < lines.length; index++) {
    const footer = footerAt(index, lines, kinds)
    if (footer !== null) footers.push(footer)
  }
  return footers
}

/** How many breaking changes of one message are read; nobody writes as many. */
const ENOUGH = 100

/** Reads only what breaks, from lines that are classified already. */
export function breakingOf(lines: readonly string[], kinds: readonly LineKind[]): string[] {
  const texts: string[] = []
  for (let index = 1; index < lines.length && texts.length < ENOUGH; index++) {
    if (!lines[index]!.startsWith('BREAKING')) continue
    const footer = footerAt(index, lines, kinds)
    if (footer !== null && /^BREAKING[ -]CHANGE$/.test(footer.token)) texts.push(footer.value)
  }
  return texts
}

function footerAt(
  index: number,
  lines: readonly string[],
  kinds: readonly LineKind[],
): CommitFooter | null {
  const line = lines[index]!
  // BREAKING CHANGE counts at the start of any line, as everybody expects.
  const breaking = kinds[index] === 'prose' && marksBreaking(line)
  if (kinds[index] !== 'footer' && !breaking) return null
  const [, token = '', , value = ''] = FOOTER.exec(line) ?? []
  if (token === '') return null
  let end = index + 1
  while (kinds[end] === 'continuation') end++
  const text = [value, ...lines.slice(index + 1, end)].join('\n').trim()
  return { token, value: text, line: index + 1 }
}
