/** How one line of a message is read. */
export type LineKind =
  | 'subject'
  | 'blank'
  | 'prose'
  | 'footer'
  | 'continuation'
  | 'ruler'
  | 'fenced'

const TOKEN = /^[A-Za-z][A-Za-z0-9-]*(?:\([^()]*\))?!?(?::(?:\s|$)| #)/
const BREAKING = /^BREAKING[ -]CHANGE(?:\([^()]*\))?!?(?::| #)/
const RELEASE_AS = /^release-as(?:\([^()]*\))?\s*(?::| #)/i
const RULER = /^(?:-{3,}|_{3,}|\*{3,}|={3,})\s*$/
const BULLET = /^[*-] \S/
// What a fence of back ticks is followed by holds none: ```one line``` opens nothing. CommonMark, "Fenced code blocks".
const FENCE = /^\s*(?:`{3,}[^`]*$|~~~)/

/** Whether a line opens a footer. `Release-As:1.4.0` and `BREAKING CHANGE:` need no space after them, since nobody means anything else by it. */
export function opensFooter(line: string): boolean {
  return TOKEN.test(line) || RELEASE_AS.test(line) || marksBreaking(line)
}

/** Whether a line at its place in the text marks a breaking change. */
export const marksBreaking = (line: string): boolean => BREAKING.test(line)

/** Splits a message into lines, without their ends. */
export function linesOf(message: string): string[] {
  const lines = message.trimEnd().split('\n')
  if (!message.includes('\r')) return lines
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
}

/**
 * Says of every line what it is. The footer zone is read from the end of the message upwards, and from the end of each part
 * of a squashed message (`* subject`), over blank lines, rulers (GitHub writes `---------` above its co-authors) and footers.
 */
export function classifyLines(lines: readonly string[]): LineKind[] {
  const kinds = roughKinds(lines)
  const squashed = isSquashed(lines)
  let inZone = true
  for (let index = lines.length - 1; index > 0; index--) {
    const kind = kinds[index]
    if (kind === 'blank') continue
    if (!inZone && (kind === 'footer' || kind === 'continuation')) kinds[index] = 'prose'
    else if (kind === 'prose' || kind === 'fenced') inZone = false
    // What stands above a bullet is the end of the squashed commit before it.
    if (squashed && kinds[index - 1] === 'blank' && lines[index]!.startsWith('* ')) inZone = true
  }
  return kinds
}

function isSquashed(lines: readonly string[]): boolean {
  let first = 1
  while (first < lines.length && (lines[first] === '' || lines[first]!.trim() === '')) first++
  return /^\* \S/.test(lines[first] ?? '')
}

function roughKinds(lines: readonly string[]): LineKind[] {
  const kinds = lines.map((): LineKind => 'blank')
  kinds[0] = 'subject'
  let fence = false
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index]!
    if (line === '') {
      if (fence) kinds[index] = 'fenced'
      continue
    }
    const fenceHere = mayFence(line.charCodeAt(0)) && FENCE.test(line)
    kinds[index] = fence || fenceHere ? 'fenced' : lineKind(line, kinds[index - 1]!)
    if (fenceHere) fence = !fence
  }
  return kinds
}

// A back tick, a tilde, or what may stand before them.
function mayFence(first: number): boolean {
  return first === 96 || first === 126 || first <= 32
}

// Most lines are told by their first letter; the expressions are asked only where they can match.
function lineKind(line: string, before: LineKind): LineKind {
  const first = line.charCodeAt(0)
  const letter = (first >= 65 && first <= 90) || (first >= 97 && first <= 122)
  if (letter && opensFooter(line)) return 'footer'
  if (!letter && line.trim() === '') return 'blank'
  if (MARKS.has(first)) {
    if (RULER.test(line)) return 'ruler'
    if (BULLET.test(line)) return 'prose'
  }
  return before === 'footer' || before === 'continuation' ? 'continuation' : 'prose'
}

const MARKS: ReadonlySet<number> = new Set([...'-_*='].map((mark) => mark.charCodeAt(0)))
