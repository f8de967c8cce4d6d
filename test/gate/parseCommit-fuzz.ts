import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { lintTitle, parseCommit, parseFooters } from '@waybill/gate'
import { has } from '../helpers/needs.ts'

const test = suite('parseCommit, mutated')
const ROUNDS = process.env['WAYBILL_FULL'] === '1' ? 1_000_000 : 20_000

const PIECES = [
  'feat',
  'fix',
  'Feat',
  'chore',
  ': ',
  ':',
  '!',
  '\\!',
  '(',
  ')',
  '((',
  'api',
  ' ',
  '\t',
  '\n',
  '\n\n',
  '\r\n',
  '\0',
  '\u2028',
  '\ud800',
  'BREAKING CHANGE',
  'BREAKING-CHANGE: x',
  'Release-As',
  'Release-As: 1.2.3',
  'Release-As(',
  '@1.2.3',
  '*',
  '**',
  '`',
  '```\n',
  '---------\n',
  '---',
  'Co-authored-by: A <a@b>',
  'Revert "',
  '"',
  'This reverts commit 0123456789abcdef',
  'Reverts a/b#12',
  '(#12)',
  'fixup! ',
  'call(foo(bar))',
  '* feat: a',
  '- ',
  '✨',
  '  ',
  'x'.repeat(300),
]

function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return (state >> 8) % below
  }
}

/** Real messages to mutate, where the recorded histories are here. */
function seeds(): string[] {
  if (!has('histories')) return ['feat(api)!: x\n\nbody\n\nRelease-As: 1.0.0']
  const bundle = resolve(import.meta.dirname, '../../../../shared/histories/scim-server.bundle')
  const head = execFileSync('git', ['bundle', 'list-heads', bundle], { encoding: 'utf8' })
  return ['feat: x\n\nRelease-As: 1.0.0', ...head.split('\n'), ...PIECES]
}

function mutate(message: string, random: (below: number) => number): string {
  let text = message
  for (let step = random(8); step >= 0; step--) {
    const at = random(text.length + 1)
    const piece = PIECES[random(PIECES.length)]!
    const cut = random(3) === 0 ? random(20) : 0
    text = `${text.slice(0, at)}${piece}${text.slice(at + cut)}`
  }
  return text
}

test(`answers for ${ROUNDS} mutated messages, with whole data`, () => {
  const random = createRandom(7)
  const all = seeds()
  for (let round = 0; round < ROUNDS; round++) {
    const message = mutate(all[random(all.length)]!, random)
    const parsed = parseCommit(message)
    const lines = message.split('\n').length
    assert.ok(!parsed.subject.includes('\n'))
    for (const mark of parsed.releaseAs) {
      assert.ok(mark.line >= 2 && mark.line <= lines, JSON.stringify(message))
      assert.ok(mark.version === null || /^\d+\.\d+\.\d+/.test(mark.version))
    }
    for (const { code, message: words, where } of parsed.findings) {
      assert.ok(code !== '' && words !== '')
      assert.ok(where?.line === undefined || where.line <= lines)
    }
    if (round % 20 === 0) assert.ok(Array.isArray(parseFooters(message)))
    if (round % 50 === 0) assert.type(lintTitle(message.split('\n')[0]!, message).ok, 'boolean')
  }
})

test('answers for any bytes', () => {
  const random = createRandom(11)
  for (let round = 0; round < ROUNDS / 10; round++) {
    const bytes = Uint8Array.from({ length: random(200) }, () => random(256))
    assert.type(parseCommit(bytes).subject, 'string')
  }
})

test('never passes over a mention of Release-As with a version', () => {
  const random = createRandom(13)
  const around = ['', ' ', '**', '`', '> ', '- ', '"', 'see ', 'x', '\t']
  for (let round = 0; round < ROUNDS / 10; round++) {
    const line = `${around[random(around.length)]}Release-As: 1.2.3${around[random(around.length)]}`
    const body = Array.from(
      { length: random(4) },
      () => ['words', '', 'Refs: #1', '```', '---------'][random(5)]!,
    )
    body.splice(random(body.length + 1), 0, line)
    const { releaseAs, findings } = parseCommit(`chore: x\n\n${body.join('\n')}`)
    const seen = releaseAs.length > 0 || findings.some(({ code }) => code === 'release-as-inert')
    assert.ok(seen, JSON.stringify(body))
  }
})

test('a message without line ends of its own parses as with those of another system', () => {
  const random = createRandom(17)
  for (let round = 0; round < ROUNDS / 20; round++) {
    const message = mutate('feat: x\n\nBREAKING CHANGE: y', random).replaceAll('\r', '')
    const [unix, dos] = [parseCommit(message), parseCommit(message.replaceAll('\n', '\r\n'))]
    assert.equal(dos.releaseAs, unix.releaseAs, JSON.stringify(message))
    assert.is(dos.breaking.length, unix.breaking.length, JSON.stringify(message))
  }
})

test.run()
