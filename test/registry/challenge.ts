// registry.md D 16; total on whatever a header holds.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseChallenges } from '@waybill/registry'

const test = suite('parseChallenges')
const plain = (headers: string | string[]): unknown =>
  parseChallenges(headers).map(({ scheme, parameters }) => [scheme, { ...parameters }])

test('reads quoted and bare values, commas and escapes inside quotes', () => {
  assert.equal(
    plain(
      'Bearer realm="https://auth.example/token?a=b,c",service=registry.example,scope="repository:a/b:pull,push"',
    ),
    [
      [
        'bearer',
        {
          realm: 'https://auth.example/token?a=b,c',
          service: 'registry.example',
          scope: 'repository:a/b:pull,push',
        },
      ],
    ],
  )
  assert.equal(plain('Basic realm="a \\"quoted\\" \\\\ name", charset="UTF-8"'), [
    ['basic', { realm: 'a "quoted" \\ name', charset: 'UTF-8' }],
  ])
})

test('reads several challenges in one header, and several headers', () => {
  const expected = [
    ['negotiate', {}],
    ['basic', { realm: 'x' }],
    ['bearer', { realm: 'https://t/', scope: 'a b' }],
  ]
  assert.equal(
    plain('Negotiate, Basic realm="x", Bearer realm="https://t/" , scope = "a b"'),
    expected,
  )
  assert.equal(
    plain(['Negotiate', 'basic Realm=x', 'BEARER realm="https://t/",scope="a b"']),
    expected,
  )
})

test('takes no harm from what is no challenge', () => {
  assert.equal(plain([]), [])
  assert.equal(parseChallenges(undefined), [])
  assert.equal(plain('=,"",,='), [])
  assert.equal(plain('Bearer realm="never ends'), [['bearer', { realm: 'never ends' }]])
  const [hostile] = parseChallenges('Bearer __proto__="x", constructor=y, realm="z"')
  assert.is(hostile!.parameters['realm'], 'z')
  assert.is(Object.getPrototypeOf(hostile!.parameters), null)
})

test('never throws and never takes long, on damaged headers', () => {
  const rounds = process.env['WAYBILL_FULL'] === '1' ? 200_000 : 20_000
  const seeds = [
    'Bearer realm="https://a/t",service="s",scope="repository:a:pull,push"',
    'Negotiate, Basic realm="x\\"y"',
    'a=b, c="d',
    '\\"\\"\\"=,,==',
  ]
  const alphabet = '",=\\ \tabcZ:/\u0000\u00e9\ud83d\n'
  let state = 1
  const random = (limit: number): number => (state = (state * 48_271) % 0x7fffffff) % limit
  for (let round = 0; round < rounds; round++) {
    let text = seeds[round % seeds.length]!
    for (let change = random(6); change >= 0; change--) {
      const at = random(text.length + 1)
      text = text.slice(0, at) + alphabet[random(alphabet.length)]! + text.slice(at + random(3))
    }
    for (const { scheme, parameters } of parseChallenges(text)) {
      assert.type(scheme, 'string')
      for (const value of Object.values(parameters)) assert.type(value, 'string')
    }
  }
  for (const text of [
    '"'.repeat(1 << 20),
    'a="'.repeat(1 << 18),
    'a=\\'.repeat(1 << 18),
    ' ,'.repeat(1 << 19),
  ])
    parseChallenges(text)
})

test.run()
