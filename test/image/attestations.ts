// One thing alone is left out of the proof: an attestation with all its marks, which no engine runs.
import type { Descriptor } from '@waybill/core'
import { mediaTypes, readImages } from '@waybill/oci'
import { drift } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AMD64, evil, good, inMemory, judge } from '../helpers/judged.ts'
import { STATEMENT, attests, pushEntries, pushOdd, type OddImage } from '../helpers/odd-images.ts'

const test = suite('attestations')

test('an attestation is left out, with an image’s configuration and with an empty one', async () => {
  for (const configType of [mediaTypes.config, mediaTypes.empty]) {
    const content = await inMemory(async (target) => {
      const image = { ...(await pushOdd(target, good)), ...AMD64 }
      const statement = await pushOdd(target, { ...STATEMENT, configType })
      return [image, { ...statement, ...attests(image) }]
    })
    assert.is(await judge(content), 'ok', configType)
    assert.is((await readImages(content)).length, 1)
    assert.ok((await drift(content, content)).ok)
  }
})

const platform = (os: string, architecture: string) => ({ platform: { os, architecture } })
const marks = (entry: object): Record<string, string> =>
  (entry as { annotations: Record<string, string> }).annotations

test('what lacks any mark of an attestation is not one', async () => {
  type Change = (entry: object, image: Descriptor, own: Descriptor) => object
  const cases: Readonly<Record<string, Change>> = {
    'another platform': (entry) => ({ ...entry, ...AMD64 }),
    'no platform': (entry) => ({ ...entry, platform: undefined }),
    'another system': (entry) => ({ ...entry, ...platform('linux', 'unknown') }),
    'another architecture': (entry) => ({ ...entry, ...platform('unknown', 'amd64') }),
    'an unknown in capitals': (entry) => ({ ...entry, ...platform('Unknown', 'unknown') }),
    'no annotations': (entry) => ({ ...entry, annotations: undefined }),
    'no type': (entry) => ({
      ...entry,
      annotations: { ...marks(entry), 'vnd.docker.reference.type': undefined },
    }),
    'another type': (entry) => ({
      ...entry,
      annotations: { ...marks(entry), 'vnd.docker.reference.type': 'attestation' },
    }),
    'no subject': (entry) => ({
      ...entry,
      annotations: { ...marks(entry), 'vnd.docker.reference.digest': undefined },
    }),
    'a subject that is not there': (entry) => ({
      ...entry,
      annotations: { ...marks(entry), 'vnd.docker.reference.digest': `sha256:${'0'.repeat(64)}` },
    }),
    'itself for a subject': (entry, _, own) => ({
      ...entry,
      annotations: { ...marks(entry), 'vnd.docker.reference.digest': own.digest },
    }),
  }
  for (const [name, change] of Object.entries(cases))
    for (const odd of [STATEMENT, { ...STATEMENT, configType: mediaTypes.empty }]) {
      const content = inMemory(async (target) => {
        const image = { ...(await pushOdd(target, good)), ...AMD64 }
        const own = await pushOdd(target, odd)
        const entry = change({ ...own, ...attests(image) }, image, own)
        return [image, JSON.parse(JSON.stringify(entry)) as object]
      })
      assert.is.not(await judge(content), 'ok', name)
    }
  const layers: Readonly<Record<string, OddImage>> = {
    'a layer that is one': { ...STATEMENT, layerType: mediaTypes.layerGzip },
    'a program in a statement’s place': { ...evil, layerType: mediaTypes.layerGzip },
    'no layer at all': { ...STATEMENT, layers: [] },
    'one statement and one layer': {
      ...STATEMENT,
      manifest: {
        layers: [
          { mediaType: STATEMENT.layerType, digest: `sha256:${'1'.repeat(64)}`, size: 2 },
          { mediaType: mediaTypes.layerGzip, digest: `sha256:${'2'.repeat(64)}`, size: 2 },
        ],
      },
    },
  }
  for (const [name, odd] of Object.entries(layers)) {
    const content = inMemory(async (target) => {
      const image = { ...(await pushOdd(target, good)), ...AMD64 }
      return [image, { ...(await pushOdd(target, odd)), ...attests(image) }]
    })
    assert.is(await judge(content), 'ERR_INVALID_IMAGE', name)
  }
  const indexAsOne = inMemory(async (target) => {
    const image = { ...(await pushOdd(target, good)), ...AMD64 }
    const inner = await pushEntries(target, [await pushOdd(target, evil)])
    return [image, { ...inner, ...attests(image) }]
  })
  assert.is.not(await judge(indexAsOne), 'ok')
})

test('two attestations cannot vouch for each other', async () => {
  const content = inMemory(async (target) => {
    const image = { ...(await pushOdd(target, good)), ...AMD64 }
    const one = await pushOdd(target, STATEMENT)
    const other = await pushOdd(target, { ...STATEMENT, configType: mediaTypes.empty })
    return [image, { ...one, ...attests(other) }, { ...other, ...attests(one) }]
  })
  assert.is(await judge(content), 'ERR_INVALID_IMAGE')
})

test.run()
