// Two copies of a package in one process, as npm may install them: neither trusts the other's proofs, and the error says why.
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { sealProof } from '@waybill/core/internal'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assertProven } from '@waybill/core'
import { createImage } from '../helpers/destination.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('two copies of core')
const tools = resolve(import.meta.dirname, '../../../tools')

type Core = typeof import('@waybill/core')
type Internal = typeof import('@waybill/core/internal')

/** Another copy of the package, of another version, where npm puts one that it cannot share. */
async function anotherCopy(
  version: string,
): Promise<{ core: Core; internal: Internal; folder: string }> {
  const folder = join(temporaryFolder('copy'), 'node_modules/@waybill/core')
  mkdirSync(folder, { recursive: true })
  cpSync(join(tools, 'core/dist'), join(folder, 'dist'), { recursive: true })
  const manifest = JSON.parse(readFileSync(join(tools, 'core/package.json'), 'utf8')) as object
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, version }))
  symlinkSync(resolve(tools, '../node_modules'), join(folder, 'node_modules'))
  const load = (file: string): Promise<unknown> =>
    import(pathToFileURL(join(folder, 'dist', file)).href)
  return {
    core: (await load('index.js')) as Core,
    internal: (await load('internal.js')) as Internal,
    folder,
  }
}

const KEY = Symbol.for('@waybill/core: copies that made a proof')
const shared = globalThis as unknown as Record<symbol, unknown>

test('one copy alone says nothing of others', async () => {
  const image = createImage('a')
  assertProven(image)
  const { message } = await rejects(() => assertProven({ ...image }), 'ERR_UNPROVEN')
  assert.is(message, 'The image was not proved to hold the released bytes')
})

test('a proof of another copy is refused by either, with the versions and folders of both', async () => {
  const { core, internal, folder } = await anotherCopy('9.8.7')
  const ours = createImage('a')
  const theirs = internal.sealProof(ours.content, { kind: 'waived', reason: 'a test' }, [])
  const check: Core['assertProven'] = core.assertProven
  check(theirs)
  for (const refused of [
    await rejects(() => assertProven(theirs), 'ERR_UNPROVEN'),
    await rejects(() => check(ours), 'ERR_UNPROVEN'),
  ]) {
    assert.match(refused.message, `9.8.7 at ${folder}`)
    assert.match(refused.message, `${join(tools, 'core')}`)
    assert.match(refused.hint ?? '', 'Two copies of @waybill/core are loaded')
  }
})

test('what is noted of copies is never trusted: nothing put there makes a proof, or breaks the error', async () => {
  const image = createImage('a')
  const look = { content: image.content, proof: image.proof, artifacts: image.artifacts }
  const lies: readonly unknown[] = [
    [look],
    new WeakSet([look]),
    { has: () => true, includes: () => true },
    [new Proxy({}, { get: () => true })],
    ['no address', 7, null, 'file:///nowhere/dist/proof.js'],
    'text',
    undefined,
  ]
  const before = shared[KEY]
  for (const lie of lies) {
    shared[KEY] = lie
    await rejects(() => assertProven(look), 'ERR_UNPROVEN')
    assertProven(image)
  }
  shared[KEY] = before
})

for (const [name, make] of Object.entries({
  'a spread of it': (image: object) => ({ ...image }),
  'an object made from it': (image: object) => Object.create(image) as object,
  'a proxy of it': (image: object) => new Proxy(image, {}),
  'a clone': (image: object) => JSON.parse(JSON.stringify(image)) as object,
  'its content': (image: object) => (image as { content: object }).content,
  nothing: () => undefined,
  'a text': () => 'proved',
}))
  test(`refuses ${name}`, async () => {
    await rejects(() => assertProven(make(createImage('a'))), 'ERR_UNPROVEN')
  })

const change = (work: () => unknown): void => assert.throws(work, TypeError)

test('a proven image cannot be changed', () => {
  const image = createImage('a')
  change(() => Object.assign(image, { proof: { kind: 'files' } }))
  change(() => Object.assign(image.proof, { reason: 'another' }))
  change(() => Object.assign(image.content, { read: () => [] }))
  change(() => Object.assign(image.content.subject, { digest: 'sha256:0' }))
  change(() => Object.assign(image.content.manifests[0]!.descriptor, { size: 1 }))
  change(() => (image.content.blobs as unknown[]).push({}))
  change(() => (image.artifacts as unknown[]).push({}))
})

test('a proof says nothing of how something was compiled: the plan of a commit is the same everywhere', () => {
  const { content } = createImage('a')
  const digest = content.subject.digest
  const artifact = { kind: 'binary', name: 'a', path: 'a', digest, size: 1 } as const
  const proof = { kind: 'waived', reason: 'a test' } as const
  const image = sealProof(content, proof, [{ ...artifact, compilerCache: 'restored' }])
  assert.equal(image.artifacts, [artifact])
})

test.run()
