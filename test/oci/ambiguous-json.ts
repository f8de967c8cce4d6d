// Documents with keys that are repeated or spelled otherwise are refused, or mean the same to Go; a program written in Go is the judge.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isWaybillError } from '@waybill/core'
import { parseImageConfig, parseIndex, parseManifest } from '@waybill/oci'
import { parsePlan } from '@waybill/publish'
import { readByGo } from '../helpers/go-json.ts'
import {
  Pairs,
  docOf,
  escaped,
  mutants,
  otherThan,
  spellings,
  write,
  type Doc,
} from '../helpers/json-documents.ts'
import { project } from '../helpers/json-projection.ts'
import { testWith } from '../helpers/needs.ts'
import { createRandom } from '../helpers/mutate.ts'
import { wholeDocuments } from '../helpers/whole-documents.ts'

const test = suite('ambiguous JSON')

const readers = {
  manifest: parseManifest,
  index: parseIndex,
  config: parseImageConfig,
  plan: parsePlan,
} as const
type Kind = keyof typeof readers
const KINDS = Object.keys(readers) as Kind[]

function verdict(kind: Kind, text: string): 'read' | 'ambiguous' | 'refused' {
  try {
    readers[kind](Buffer.from(text), 'it')
    return 'read'
  } catch (error) {
    return isWaybillError(error, 'ERR_AMBIGUOUS_JSON') ? 'ambiguous' : 'refused'
  }
}

const templates = Object.fromEntries(
  KINDS.map((kind) => [kind, docOf(wholeDocuments[kind])] as const),
) as Readonly<Record<Kind, Doc>>

/** Whether Go reads a text as a program does that looks at exact names; a text that Go refuses runs nowhere. */
function agrees(kind: Kind, text: string, go: unknown): boolean {
  if (go === null) return true
  const [ours, theirs] = [JSON.parse(text) as unknown, go].map((value) =>
    JSON.stringify(project(value, templates[kind])),
  )
  return ours === theirs
}

for (const kind of KINDS) {
  const all = [...mutants(templates[kind])]

  test(`${kind}: every key in every place, twice or in another case, is refused; data may differ in case`, () => {
    assert.not.equal(verdict(kind, write(templates[kind])), 'ambiguous')
    for (const { text, what, isAmbiguous } of all)
      assert.is(verdict(kind, text) === 'ambiguous', isAmbiguous, `${what}: ${text}`)
    const refused = all.filter(({ isAmbiguous }) => isAmbiguous).length
    console.log(`${kind}: ${refused} documents refused, ${all.length - refused} not`)
    assert.ok(refused > 300)
  })

  testWith(
    test,
    ['go'],
    `${kind}: what is not refused means the same to Go, and much of the rest does not`,
    () => {
      const texts = [write(templates[kind]), ...all.map(({ text }) => text)]
      const read = readByGo(texts.map((text) => ({ kind, text })))
      assert.is(read.length, texts.length)
      assert.ok(agrees(kind, texts[0]!, read[0]))
      const differing = texts.filter((text, at) => !agrees(kind, text, read[at]))
      assert.ok(differing.length > 200, `only ${differing.length} differ`)
      for (const text of differing) assert.is(verdict(kind, text), 'ambiguous', text)
    },
  )

  testWith(test, ['go'], `${kind}: any document is refused, or means the same to Go`, () => {
    const next = createRandom(7)
    const random = (): number => next(1_000_000) / 1_000_000
    const texts = Array.from({ length: 3000 }, () => write(anyOf(templates[kind], random)))
    const read = readByGo(texts.map((text) => ({ kind, text })))
    const found = texts.map((text, at) => {
      const said = verdict(kind, text)
      if (said !== 'ambiguous')
        assert.ok(agrees(kind, text, read[at]), `${text}\n${JSON.stringify(read[at])}`)
      return `${said}, ${agrees(kind, text, read[at]) ? 'same' : 'differs'}`
    })
    const count = (what: string): number => found.filter((one) => one === what).length
    const kept = found.length - count('ambiguous, same') - count('ambiguous, differs')
    console.log(
      `${kind}: ${kept} not refused, ${count('ambiguous, differs')} refused that Go reads otherwise`,
    )
    assert.ok(kept > 300 && count('ambiguous, differs') > 100)
  })
}

type Random = () => number

const pick = <Item>(items: readonly Item[], random: Random): Item =>
  items[Math.floor(random() * items.length)]!

const STRANGE: readonly (readonly [string, Doc])[] = [
  ['"x"', docOf({ a: 1 })],
  ['"unknown"', [1, 'x']],
  ['"\\u0000"', 'zero'],
  ['"configs"', docOf({})],
  ['"layerſ"', 5],
]

/** A document like the template: fields left out, nulled, moved, repeated, respelled, exchanged, and with strange ones between. */
function anyOf(template: Doc, random: Random): Doc {
  if (Array.isArray(template))
    return Array.from({ length: Math.floor(random() * 3) }, () =>
      anyOf(pick(template, random), random),
    )
  if (!(template instanceof Pairs)) return random() < 0.1 ? otherThan(template) : template
  const { pairs, isFree } = template
  const made: (readonly [string, Doc])[] = []
  for (const [raw, held] of pairs) {
    const chance = random()
    const key = JSON.parse(raw) as string
    const value = !isFree && chance > 0.97 ? null : anyOf(held, random)
    if (chance < 0.05) continue
    made.push([chance > 0.9 ? escaped(key) : raw, value])
    if (random() < 0.01) made.push([pick([raw, ...spellings(key)], random), anyOf(held, random)])
    if (random() < 0.01) made.push([pick(spellings(key), random), anyOf(held, random)])
    if (isFree && random() < 0.3) made.push([pick(spellings(key), random), anyOf(held, random)])
  }
  if (!isFree && random() < 0.05) made.push(pick(STRANGE, random))
  if (random() < 0.3) made.sort(() => random() - 0.5)
  return new Pairs(made, isFree)
}

test.run()
