// Names of tags: the same answer as git's own.
import { spawnSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tagNameProblem } from '@waybill/core'

const test = suite('names of tags')

// NUL cannot be an argument.
function gitTakes(name: string): boolean {
  if (name.startsWith('-') || name.includes('\0')) return false // `git tag` refuses it as an option
  return spawnSync('git', ['check-ref-format', `refs/tags/${name}`]).status === 0
}

const PIECES = [
  'v',
  '1.0.0',
  '{version}',
  '.',
  '..',
  '/',
  '//',
  '-',
  '@',
  '@{',
  '~',
  '^',
  ':',
  '?',
  '*',
  '[',
  ']',
  '\\',
  ' ',
  '\t',
  '\n',
  '\u007F',
  '.lock',
  'lock',
  'ä',
  '修',
  '😀',
  '+',
  '#',
  '%',
  '"',
  "'",
  '\u0085',
]

test('are judged as git judges them', () => {
  const names = PIECES.flatMap((piece) => [
    piece,
    `v${piece}`,
    `${piece}v`,
    `v${piece}1.0.0`,
    `a/${piece}`,
    `${piece}/b`,
  ])
  // A fixed sequence, so that a failure can be seen again.
  let seed = 1
  const next = (limit: number): number => (seed = (seed * 48_271) % 2_147_483_647) % limit
  for (let count = 0; count < 300; count++)
    names.push(Array.from({ length: 1 + next(4) }, () => PIECES[next(PIECES.length)]!).join(''))
  for (const name of new Set(names))
    assert.is(tagNameProblem(name) === undefined, gitTakes(name), JSON.stringify(name))
})

test('are refused where half a character or nothing is in them', () => {
  for (const name of ['', '\uD800', 'v\0', '-v1.0.0']) assert.type(tagNameProblem(name), 'string')
})

test.run()
