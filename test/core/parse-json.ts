import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  FREE_BELOW,
  foldKey,
  freeKeys,
  isWaybillError,
  knows,
  parseJson,
  tryParseJson,
} from '@waybill/core'
import { foldsOfGo } from '../helpers/go-json.ts'
import { testWith } from '../helpers/needs.ts'

const test = suite('parseJson')
const SHAPE = knows(['size', 'kind'], { Labels: freeKeys(), items: knows(['Name']) })

function refusal(text: Uint8Array | string, shape = SHAPE): { code: string; message: string } {
  try {
    parseJson(text, 'a.json', shape)
  } catch (error) {
    if (isWaybillError(error)) return error
    throw error
  }
  return { code: 'none', message: '' }
}

const AMBIGUOUS: readonly (readonly [string, RegExp])[] = [
  ['{"a":1,"a":1}', /^a\.json: the key "a" is there twice$/],
  ['{"a":1,"\\u0061":2}', /the key "a" is there twice/],
  ['{"x":{"y":[0,{"a":1,"A":2}]}}', /^a\.json: x\.y\[1\]: the keys "a" and "A"/],
  ['[[],[{"b":1,"a":1,"B":2}]]', /^a\.json: \[1\]\[0\]: the keys "b" and "B"/],
  ['{"size":1,"Size":2}', /the keys "size" and "Size"/],
  ['{"size":1,"\u017fize":2}', /the keys "size" and "\\u017fize"/],
  ['{"kind":1,"\\u212aind":2}', /the keys "kind" and "\\u212aind"/],
  ['{"SIZE":1}', /expected the key "size", found "SIZE"/],
  ['{"\\u212aIND":1}', /expected the key "kind", found "\\u212aIND"/],
  [
    '{"items":[{"Name":"x"},{"name":"y"}]}',
    /^a\.json: items\[1\]: expected the key "Name", found "name"/,
  ],
  ['{"labels":{}}', /expected the key "Labels", found "labels"/],
  ['{"Labels":{"a":1,"a":2}}', /^a\.json: Labels: the key "a" is there twice/],
  ['{"":1,"":2}', /the key "" is there twice/],
  ['{"__proto__":1,"__PROTO__":2}', /"__proto__" and "__PROTO__"/],
  ['{"constructor":1,"constructor":2}', /"constructor" is there twice/],
  ['{"a\\"":1,"A\\"":2}', /the keys/],
  ['{"\\\\":1,"b":{},"\\\\":2}', /is there twice/],
  ['{"ΑΣ":1,"ας":2}', /the keys "\\u0391\\u03a3" and "\\u03b1\\u03c2"/],
  ['{"a b":{"x":1,"X":1}}', /^a\.json: \["a b"\]: the keys "x" and "X"/],
]

for (const [text, message] of AMBIGUOUS)
  test(`refuses ${text}`, () => {
    for (const form of [text, Buffer.from(text), ` \n${text}\t`]) {
      const found = refusal(form)
      assert.is(found.code, 'ERR_AMBIGUOUS_JSON', found.message)
      assert.match(found.message, message)
    }
  })

const PLAIN = [
  '{"a":1,"b":{"a":1},"c":[{"a":1},{"A":1}]}',
  '{"Labels":{"a":1,"A":2,"size":3,"Size":4}}',
  '{"a":"A","A ":"a","b":"\\"a\\":1,\\"a\\":2"}',
  '{"a":"\\\\","A\\\\":1}',
  '{"Name":1,"size":{"Size":1}}',
  '{"é":1,"e\\u0301":2}',
  '{"\\ud83d\\ude00":"\\ud83d\\ude00"}',
  '"a"',
  '[]',
  'null',
  '[1,[2,{"a":[]}],{"a":{}}]',
]

for (const text of PLAIN)
  test(`reads ${text}`, () => {
    assert.equal(parseJson(Buffer.from(text), 'x', SHAPE), JSON.parse(text))
    assert.equal(parseJson(text, 'x', SHAPE), JSON.parse(text))
  })

const deep = (open: string, close: string, times: number): string =>
  `${open.repeat(times)}1${close.repeat(times)}`

const INVALID: readonly (readonly [string, Uint8Array | string])[] = [
  ['garbage behind', '{} x'],
  ['two documents', '{}{}'],
  ['a NUL behind', '{}\0'],
  ['nothing', ''],
  ['a byte order mark', Buffer.from('\ufeff{}')],
  ['a byte order mark in a text', '\ufeff{}'],
  ['Latin-1', Buffer.from([0x22, 0xe9, 0x22])],
  ['UTF-16', Buffer.from('{}', 'utf16le')],
  ['an overlong form', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
  ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ['half of a pair in a value', '{"a":["\\ud800"]}'],
  ['half of a pair in a key', '{"\\udc00":1}'],
  ['two halves, the wrong way round', '"\\udc00\\ud800"'],
  ['half of a pair behind a whole one', '"\\ud83d\\ude00\\uD83D"'],
  ['100,000 lists', deep('[', ']', 100_000)],
  ['100,000 objects', deep('{"a":', '}', 100_000)],
  ['1001 of both', deep('[{"a":', '}]', 501)],
  ['2 million lists without an end', '['.repeat(2_000_000)],
]

for (const [what, text] of INVALID)
  test(`is not JSON: ${what}`, () => {
    const { code, message } = refusal(text)
    assert.is(code, 'ERR_INVALID_JSON', message)
    assert.is(tryParseJson(text, 'a.json'), undefined)
  })

test('1000 within each other are read', () => {
  assert.is(refusal(deep('[', ']', 1000)).code, 'none')
})

test('where keys are data at any depth they may differ in case, and may not be equal', () => {
  assert.equal(parseJson('{"a":{"B":1,"b":2},"A":3}', 'x', FREE_BELOW), { a: { B: 1, b: 2 }, A: 3 })
  assert.is(refusal('{"a":[{"B":1,"B":2}]}', FREE_BELOW).code, 'ERR_AMBIGUOUS_JSON')
})

test('what is ambiguous is an error where what is not JSON is nothing', () => {
  assert.throws(
    () => tryParseJson('{"a":1,"A":1}', 'x'),
    (error: unknown) => isWaybillError(error, 'ERR_AMBIGUOUS_JSON'),
  )
})

test('keys are shown in ASCII, short, and without a password', () => {
  const long = 'x'.repeat(5000)
  assert.ok(refusal(`{"${long}":1,"${long}":2}`).message.length < 300)
  const evil = '"\\u001b[31m\\u202e"'
  assert.match(refusal(`{${evil}:1,${evil}:2}`).message, /"\\u001b\[31m\\u202e" is there twice/)
  for (const key of ['https://me:secret@ghcr.io', 'me:secret@ghcr.io/x'])
    assert.not.match(refusal(`{"Labels":{"${key}":{"a":1,"a":1}}}`).message, /secret/)
  assert.not.match(refusal('{"Labels":{"me:secret@x":1,"me:secret@x":1}}').message, /secret/)
})

test('200,000 keys of one object, and escapes without end, are read in one pass', () => {
  const keys = Array.from({ length: 200_000 }, (_, at) => [`key${at}`, at] as const)
  parseJson(JSON.stringify(Object.fromEntries(keys)), 'x')
  parseJson(JSON.stringify({ a: '\\"'.repeat(500_000) }), 'x')
})

testWith(test, ['go'], 'keys that Go takes for one are folded to one', () => {
  const pairs = foldsOfGo()
  assert.ok(pairs.length > 2500)
  const apart = pairs
    .map((pair) => pair.map((code) => String.fromCodePoint(code)))
    .filter(([one, other]) => foldKey(one!) !== foldKey(other!))
  assert.equal(apart, [])
  // Also within a word, where a sigma would be a final one.
  for (const pair of pairs) {
    const [one, other] = pair.map((code) => foldKey(`a${String.fromCodePoint(code)}`))
    assert.is(one, other)
  }
})

test.run()
