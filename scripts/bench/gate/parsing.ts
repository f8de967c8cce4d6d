import { parseCommit } from '@waybill/gate'
import { createRandom } from './random.ts'

const MUTATED = 200_000

const HOSTILE: readonly [string, (size: number) => string][] = [
  ['one line of letters', (size) => 'a'.repeat(size)],
  ['parentheses', (size) => `feat: x\n\n${'foo(('.repeat(size / 5)}`],
  ['blanks', (size) => `feat:${' '.repeat(size)}x`],
  ['blank lines', (size) => `feat: x${'\n'.repeat(size)}Release-As: 1.0.0`],
  ['footers', (size) => `feat: x\n\n${'Refs: #1\n'.repeat(size / 9)}`],
  ['orders', (size) => `feat: x\n\n${'Release-As: 1.0.0\n'.repeat(size / 18)}`],
  ['wrapped orders', (size) => `feat: x\n\n${'  **Release-As: 1.0.0**\n'.repeat(size / 24)}`],
  ['bullets', (size) => `chore: x\n\n${'* feat: a\n\n'.repeat(size / 11)}`],
  ['reverts', (size) => `Revert "x"\n\n${'This reverts commit 0123456789.\n'.repeat(size / 32)}`],
  ['quotes', (size) => `Revert "${'" "'.repeat(size / 3)}`],
]

// What messages are made of, and what parsers stumble over.
const PIECES = [
  'feat',
  'fix',
  'chore',
  '(api)',
  '((',
  '!',
  '\\!',
  ': ',
  ' ',
  '\t',
  '\n',
  '\n\n',
  '\r\n',
  '\0',
  '\ud800',
  'BREAKING CHANGE: x',
  'Release-As: 1.2.3',
  'Release-As(',
  '@1.2.3',
  '**',
  '```\n',
  '---------\n',
  'Co-authored-by: A <a@b>',
  'Revert "',
  'This reverts commit 0123456789abcdef',
  'Reverts a/b#12',
  'fixup! ',
  'call(foo(bar))',
  '* feat: a',
  'x'.repeat(300),
]

/** Times parsing: hostile messages of a megabyte (at most 50 ms each), and messages of pieces put together at random (at most 5 ms each). */
export function measureParsing(): void {
  console.log('parseCommit, 1 MB messages, least of 5 (at most 50 ms)')
  for (const [name, make] of HOSTILE) row(name, leastOfFive(make(1_000_000)))
  const random = createRandom(1)
  const slow: number[] = []
  for (let count = 0; count < MUTATED; count++) {
    const message = Array.from(
      { length: 1 + random(40) },
      () => PIECES[random(PIECES.length)],
    ).join('')
    const once = timed(message)
    slow.push(once > 5 ? leastOfFive(message) : once)
  }
  console.log(`parseCommit, ${MUTATED} messages put together at random (at most 5 ms)`)
  row(
    'the slowest',
    slow.reduce((a, b) => Math.max(a, b)),
  )
}

const row = (name: string, ms: number): void =>
  console.log(`  ${name.padEnd(26)} ${ms.toFixed(1).padStart(7)} ms`)

// A slow answer is asked again: a collection of garbage is nobody's fault.
const leastOfFive = (message: string): number =>
  Math.min(...Array.from({ length: 5 }, () => timed(message)))

function timed(message: string): number {
  const started = performance.now()
  parseCommit(message)
  return performance.now() - started
}
