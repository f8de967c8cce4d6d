import { isDigest, isNamedDigest } from '@waybill/core'
import { byField, fieldsOf, listOf, mapOf, that, type Check } from './shape.ts'

const text = that((value) => typeof value === 'string' && value !== '', 'a text')
const flag = that((value) => typeof value === 'boolean', 'true or false')
const count = that((value) => Number.isSafeInteger(value) && Number(value) >= 0, 'a whole number')
const digest = that(isDigest, 'a digest')
const named = that(isNamedDigest, 'a digest, a commit (gitCommit:…) or a release (release:…)')
const commit = that(
  (value) => typeof value === 'string' && /^[0-9a-f]{7,64}$/.test(value),
  "a commit's object name",
)
const is = (word: unknown): Check => that((value) => value === word, JSON.stringify(word))
const oneOf = (...words: readonly string[]): Check =>
  that((value) => words.includes(value as string), words.join(', '))

const names: Check = (value, at) => {
  const wrong = listOf(text)(value, at)
  if (wrong !== undefined) return wrong
  const list = value as readonly string[]
  const twice = list.find((name, index) => list.indexOf(name) !== index)
  return twice === undefined ? undefined : `${at} has "${twice}" twice`
}

const artifact = fieldsOf(
  { kind: oneOf('binary', 'archive', 'checksums'), name: text, path: text, digest, size: count },
  { platform: text, component: text, triple: text },
)

const check = fieldsOf(
  { platform: text, path: text, image: digest, released: digest },
  { artifact: text },
)

const release = fieldsOf({
  component: text,
  path: text,
  version: text,
  tag: text,
  commit,
  created: count,
})

const naming = fieldsOf(
  { version: text },
  {
    commit,
    tagPrefix: that((value) => typeof value === 'string', 'a text'),
    channel: text,
    yanked: names,
    immutable: names,
    rolling: names,
    majorZero: flag,
  },
)

const proof = byField('kind', {
  identity: fieldsOf(
    { kind: is('identity'), checked: listOf(check, 1) },
    { through: listOf(fieldsOf({ platform: text, path: text, digest })) },
  ),
  waived: fieldsOf({
    kind: is('waived'),
    reason: that((value) => typeof value === 'string' && value.trim() !== '', 'a reason'),
  }),
  files: fieldsOf({ kind: is('files') }),
})

const destination = fieldsOf(
  {
    kind: oneOf('oci', 'git', 'forge', 'npm'),
    required: flag,
    digest: named,
    immutable: names,
    rolling: names,
  },
  { digests: mapOf(named) },
)

/**
 * Every field of a publish plan. What may be left out was left out of the wishes (`Naming`, `Release`) or has no meaning there, and nothing that is
 * checked depends on its being there: names are held to the naming, with and without it.
 */
export const planShape: Check = fieldsOf(
  {
    schemaVersion: is(1),
    naming,
    subject: fieldsOf({ mediaType: text, digest, size: count }),
    proof,
    artifacts: listOf(artifact),
    destinations: mapOf(destination, 1),
    observed: mapOf(
      mapOf(that((value) => value === 'absent' || isNamedDigest(value), 'absent or a digest')),
    ),
  },
  { release, digest },
)
