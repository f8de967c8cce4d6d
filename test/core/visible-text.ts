// Text of any origin is shown, not obeyed.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { logText, visibleJson, visibleLine, visibleText } from '@waybill/core'
import { HOSTILE, OBEYED } from '../helpers/hostile-text.ts'

const test = suite('text of any origin')

test('has every character visible that something would obey', () => {
  for (const character of HOSTILE) {
    const text = `a${character}b`
    for (const show of [visibleText, visibleLine, logText, (one: string) => visibleJson({ one })]) {
      const shown = show(text)
      assert.not.match(shown.replaceAll(/[\n\t]/g, ''), OBEYED, JSON.stringify(text))
    }
    assert.match(visibleLine(text), /^a\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]+\}|[rnt])b$/)
  }
})

test('keeps line ends and tabs in a block, and shows them in a line', () => {
  assert.is(visibleText('a\n\tb'), 'a\n\tb')
  assert.is(visibleLine('a\n\tb'), String.raw`a\n\tb`)
  assert.is(visibleText('a\r\nb'), 'a\\r\nb')
})

test('keeps what people write: other scripts, emoji, joiners', () => {
  for (const text of [
    'feat: größer',
    '修正: バグ',
    'नमस्ते',
    'می‌خواهم',
    '👩‍💻 done',
    '❤️',
    'e\u0301',
    '☃',
    '👩🏽‍🚀 👨‍👩‍👧‍👦 🏳️‍🌈 ❤️‍🔥',
    '1️⃣ #️⃣ ☎︎',
    'ක්‍ර ന്‍ প্‍',
  ])
    assert.is(visibleText(text), text)
})

test('shows joiners and selectors where they join and choose nothing', () => {
  for (const text of [
    'lat\u200Dest',
    'lat\u200Cest',
    'a\uFE0Fb',
    '1\uFE0F',
    '\u200D👩',
    '👩\u200D',
    '👩\u200D\u200D👩',
    '👩\uFE0F\uFE0F',
    '👩\u200Cx',
    'ж\u200Dж',
    '👩\u{E0100}',
    '🏴\u{E0067}\u{E007F}',
  ]) {
    assert.match(visibleText(text), String.raw`\u`, JSON.stringify(text))
    assert.is(visibleLine(visibleLine(text)), visibleLine(text))
  }
})

test('gives no command to the runner that reads the log', () => {
  // What .NET trims before it looks for a command: white space of Unicode, NEL among it.
  const blanks = [
    '',
    ' ',
    '\t',
    '\u00A0',
    '\u1680',
    '\u2003',
    '\u202F',
    '\u205F',
    '\u3000',
    '\u0085',
    '\u2028',
    '\uFEFF',
    '\r',
    'x\r',
    'x\n',
    'x\r\n',
  ]
  for (const blank of blanks) {
    for (const command of [
      '::set-output name=a::b',
      '::add-mask::x',
      ':::error::x',
      '##[error]x',
      '##vso[task.setvariable]x',
      '##teamcity[x]',
    ]) {
      const lines = logText(`${blank}${command}`).split(/[\r\n\u0085\u2028\u2029]/)
      for (const line of lines) {
        assert.not.match(
          line.trim().replace(/^[\s\u0085\uFEFF]+/, ''),
          /^::/,
          JSON.stringify(blank + command),
        )
        assert.not.match(line, /##(?:\[|vso\[|teamcity\[)/i)
      }
    }
  }
})

test('is the same value in JSON', () => {
  for (const character of [...HOSTILE, '\n', '\t', '"', '\\', '\u{1F600}']) {
    const value = { [`k${character}`]: [`a${character}b`, character] }
    assert.equal(JSON.parse(visibleJson(value)), value)
  }
})

test('is shown again as it was shown', () => {
  for (const character of HOSTILE) assert.is(logText(logText(character)), logText(character))
})

test.run()
