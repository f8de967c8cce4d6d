/** How one line of a message is read. */
export type LineKind =
  | 'subject'
  | 'blank'
  | 'prose'
  | 'footer'
  | 'continuation'
  | 'ruler'
  | 'fenced'

const TOKEN = /^(?:BREAKING[ -]CHANGE|[A-Za-z][A-Za-z0-9-]*(?:\([^()]*\))?)!?(?::(?:\s|$)| #)/
const RELEASE_AS = /^release-as(?:\([^()]*\))?\s*(?::| #)/i
const RULER = /^(?:-{3,}|_{3,}|\*{3,}|={3,})\s*$/
const BULLET = /^[*-] \S/
const FENCE = /^\s*(?:```|~~~)/

/** Whether a line opens a footer. `Release-As:1.4.0` needs no space, since nobody means anything else by it. */
export function opensFooter(line: string): boolean {
  return TOKEN.test(line) || RELEASE_AS.test(line)
}

/**
 * Says of every line what it is. The footer zone is read from the end of the message upwards, and from the end of each part
 * of a squashed message (`* subject`), over blank lines, rulers (GitHub writes `---------` above its co-authors) and footers.
 */
export function classifyLines(lines: readonly string[]): LineKind[] {
  const kinds = roughKinds(lines)
  const squashed = /^\* \S/.test(lines.find((line, index) => index > 0 && line.trim() !== '') ?? '')
  let inZone = true
  for (let index = lines.length - 1; index > 0; index--) {
    if (kinds[index] === 'footer' && !inZone) kinds[index] = 'prose'
    else if (kinds[index] === 'continuation' && !inZone) kinds[index] = 'prose'
    else if (kinds[index] === 'prose' || kinds[index] === 'fenced') inZone = false
    // What stands above a bullet is the end of the squashed commit before it.
    if (squashed && kinds[index - 1] === 'blank' && /^\* \S/.test(lines[index]!)) inZone = true
  }
  return kinds
}

function roughKinds(lines: readonly string[]): LineKind[] {
  const kinds: LineKind[] = []
  let fence = false
  for (const [index, line] of lines.entries()) {
    const before = kinds[index - 1]
    const fenceHere = FENCE.test(line)
    kinds.push(index === 0 ? 'subject' : fence || fenceHere ? 'fenced' : lineKind(line, before))
    if (fenceHere) fence = !fence
  }
  return kinds
}

function lineKind(line: string, before: LineKind | undefined): LineKind {
  if (line.trim() === '') return 'blank'
  if (RULER.test(line)) return 'ruler'
  if (opensFooter(line)) return 'footer'
  if (BULLET.test(line)) return 'prose'
  return before === 'footer' || before === 'continuation' ? 'continuation' : 'prose'
}
