// A publish that is killed half-way is finished by running it again, and a rolling tag is never visible before the immutable ones.
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { startProxy } from '../helpers/counting-proxy.ts'
import { startRegistryProcess, digestOfTag, tagsOf } from '../helpers/registry-process.ts'
import { createReleasedImage, publishWords } from '../helpers/released-image.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('killed publish')
const REPOSITORY = 'acme/app'
const IMMUTABLE = ['1.2.3', 'sha-1a2b3c4']
const ROLLING = ['1', '1.2', 'latest']
const image = await createReleasedImage()

interface World {
  /** Runs the publish; SIGKILL at the n-th request to either registry. */
  publish(journal: string, killAt?: number): Promise<CliResult & { readonly requests: number }>
  tags(): Promise<string[][]>
  digests(): Promise<(string | undefined)[]>
  close(): Promise<void>
}

async function createWorld(): Promise<World> {
  const folder = temporaryFolder('world')
  const registries = await Promise.all(
    ['a', 'b'].map((name) => startRegistryProcess(['--root', join(folder, name)])),
  )
  let child: ChildProcess | undefined
  let requests = 0
  let killAt = 0
  const stands = new Set<string>()
  const proxies = await Promise.all(
    registries.map(({ address }, place) =>
      startProxy(address, {
        before: () => {
          requests++
          if (requests === killAt) child?.kill('SIGKILL')
          return killAt === 0 || requests < killAt
        },
        after: (method, path, status) => {
          const tag = /^\/v2\/acme\/app\/manifests\/([^:?]+)$/.exec(path)?.[1]
          if (method !== 'PUT' || status !== 201 || tag === undefined) return
          stands.add(`${place}/${tag}`)
          if (!ROLLING.includes(tag)) return
          for (const name of IMMUTABLE)
            for (const other of [0, 1])
              assert.ok(stands.has(`${other}/${name}`), `${tag} before ${name}`)
        },
      }),
    ),
  )
  const words = publishWords(
    image,
    '1.2.3',
    proxies.map(({ address }) => `${address}/${REPOSITORY}`),
  )
  return {
    async publish(journal, at = 0) {
      requests = 0
      killAt = at
      const result = await waybill([...words, '--journal', journal], {
        onStart: (started) => (child = started),
      })
      return { ...result, requests }
    },
    tags: () => Promise.all(registries.map(({ address }) => tagsOf(address, REPOSITORY))),
    digests: () =>
      Promise.all(
        registries.flatMap(({ address }) =>
          [...IMMUTABLE, ...ROLLING].map((tag) => digestOfTag(address, REPOSITORY, tag)),
        ),
      ),
    async close() {
      for (const proxy of proxies) proxy.close()
      await Promise.all(registries.map((registry) => registry.stop()))
    },
  }
}

async function withWorld(body: (world: World) => Promise<void>): Promise<void> {
  const world = await createWorld()
  try {
    await body(world)
  } finally {
    await world.close()
  }
}

let total = 0

test('undisturbed: ten tags, one digest; again: all unchanged', () =>
  withWorld(async (world) => {
    const journal = temporaryFolder('journal')
    const first = await world.publish(journal)
    assert.is(first.code, 0, first.stderr + first.stdout)
    total = first.requests
    const digests = await world.digests()
    assert.is(digests.length, 10)
    assert.equal([...new Set(digests)], [image.digest])
    const second = await world.publish(journal)
    assert.is(second.code, 0, second.stderr)
    const outcomes = (second.json()['results'] as { outcome: string }[]).map(
      ({ outcome }) => outcome,
    )
    assert.equal([...new Set(outcomes)], ['unchanged'])
  }))

for (const part of [0.3, 0.6, 0.9]) {
  for (const kept of [true, false]) {
    test(`killed after ${part * 100} % of the requests, finished ${kept ? 'with its journal' : 'from an empty disk'}`, () =>
      withWorld(async (world) => {
        const journal = temporaryFolder('journal')
        const killed = await world.publish(journal, Math.round(total * part))
        assert.is(killed.code, null)
        const [a = [], b = []] = await world.tags()
        if ([...a, ...b].some((tag) => ROLLING.includes(tag))) {
          for (const name of IMMUTABLE) assert.ok(a.includes(name) && b.includes(name), name)
        }
        const again = await world.publish(kept ? journal : temporaryFolder('journal'))
        assert.is(again.code, 0, again.stderr + again.stdout)
        assert.equal([...new Set(await world.digests())], [image.digest])
        for (const tags of await world.tags())
          assert.equal(tags.toSorted(), [...IMMUTABLE, ...ROLLING].toSorted())
      }))
  }
}

test.run()
