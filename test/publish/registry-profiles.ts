// The transaction over registries that behave like those people use, with credentials: first release, second, again, heal, status.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Destination } from '@waybill/core'
import { heal, planPublish, publish, status } from '@waybill/publish'
import { destination } from '@waybill/registry'
import {
  profileNames,
  startRegistry,
  type RegistryOptions,
  type TestRegistry,
} from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createImage } from '../helpers/destination.ts'
import { rejects } from '../helpers/rejects.ts'
import { commitOf, digestOf, folder, lockFolder, release } from '../helpers/release.ts'

const test = suite('publish, to registries as they are')
const users = { releaser: 'secret' }

interface Scene {
  readonly registries: readonly TestRegistry[]
  readonly to: Readonly<Record<string, Destination>>
}

/** A registry of a kind beside a plain one, and credentials for both in a docker configuration of their own. */
async function scene(options: RegistryOptions): Promise<Scene> {
  const registries = await Promise.all([
    startRegistry({ ...options, auth: { users } }),
    startRegistry({ auth: { users } }),
  ])
  const auth = Buffer.from('releaser:secret').toString('base64')
  const auths = Object.fromEntries(registries.map(({ address }) => [address, { auth }]))
  const home = mkdtempSync(join(folder, 'docker-'))
  writeFileSync(join(home, 'config.json'), JSON.stringify({ auths }))
  const env = { DOCKER_CONFIG: home, HOME: home }
  const [hub, ghcr] = registries.map(({ address }) => destination(`${address}/acme/scim`, { env }))
  return { registries, to: { hub: hub!, ghcr: ghcr! } }
}

async function once(version: string, to: Scene['to'], seed = version) {
  const content = createImage(seed)
  const plan = await planPublish(release(version, commitOf(version)), content, { to })
  return publish(plan, { content, to, lockFolder })
}

const outcomes = ({ results }: { results: readonly { outcome: string }[] }): readonly string[] => [
  ...new Set(results.map(({ outcome }) => outcome)),
]

for (const like of profileNames) {
  test(`like ${like}: a first release, a second, again, and what stands in the end`, async () => {
    const { registries, to } = await scene({ like })
    try {
      assert.equal(outcomes(await once('1.0.0', to)), ['applied'])
      assert.equal(outcomes(await once('1.0.1', to)), ['applied'])
      assert.equal(outcomes(await once('1.0.1', to)), ['unchanged'])
      assert.is(await to['hub']!.observe('latest'), digestOf('1.0.1'))
      await rejects(once('1.0.1', to, 'another'), 'ERR_IMMUTABLE_TAG')
      assert.ok((await status(release('1.0.1', commitOf('1.0.1')), { to })).ok)
      assert.ok((await heal(to)).ok)
    } finally {
      await Promise.all(registries.map((registry) => registry.close()))
    }
  })
}

test('where the registry itself keeps versions immutable, a killed run is finished all the same', async () => {
  const immutableTags = /^\d+\.\d+\.\d+$|^sha-/
  for (const like of ['ecr', 'harbor', 'dockerhub'] as const) {
    const { registries, to } = await scene({ like, immutableTags })
    registries[1]!.inject([
      { kind: '403', method: 'PUT', path: 'manifests/1.0', at: 1, until: Infinity },
    ])
    await rejects(once('1.0.0', to), 'ERR_DENIED')
    registries[1]!.inject([])
    await once('1.0.0', to)
    assert.is(await to['hub']!.observe('1.0'), digestOf('1.0.0'))
    await Promise.all(registries.map((registry) => registry.close()))
  }
})

test('rolling names that went back are put right through the registry', async () => {
  const { registries, to } = await scene({})
  for (const version of ['1.0.0', '1.1.0']) await once(version, to)
  await to['hub']!.restore('latest', digestOf('1.0.0') as `sha256:${string}`)
  assert.not.ok((await heal(to)).ok)
  assert.ok((await heal(to, { repair: true, lockFolder })).ok)
  assert.is(await to['hub']!.observe('latest'), digestOf('1.1.0'))
  await Promise.all(registries.map((registry) => registry.close()))
})

test('without the right to push nothing is written, and it is not known what stands', async () => {
  const { registries, to } = await scene({})
  registries[0]!.inject([{ kind: '403', method: 'POST', at: 1, until: Infinity }])
  const error = await rejects(once('1.0.0', to), 'ERR_UNKNOWN_STATE')
  assert.is(error.outcome, 'unknown')
  const writes = registries.flatMap(({ requests }) =>
    requests.filter(({ method }) => method === 'PUT'),
  )
  assert.equal(writes, [])
  await Promise.all(registries.map((registry) => registry.close()))
})

test('versions beyond the first pages of a listing count', async () => {
  const { registries, to } = await scene({ like: 'quay' })
  const versions = Array.from({ length: 60 }, (_value, index) => `1.${index}.0`)
  const content = createImage('many').content
  for (const one of Object.values(to)) await one.put(content)
  for (const version of versions)
    await to['hub']!.set(version, digestOf('many') as `sha256:${string}`, {
      kind: 'immutable',
      content,
    })
  const plan = await planPublish({ version: '1.58.1' }, createImage('many'), { to })
  assert.equal(Object.values(plan.destinations)[0]!.rolling, ['1.58'])
  await Promise.all(registries.map((registry) => registry.close()))
})

test.run()
