// The reference workflow, run by act from real pushes: release, nothing to release, an ordered version, and the next one.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  CANARIES,
  createHelloWorld,
  type HelloRun,
  type HelloWorld,
} from '../helpers/hello-world.ts'
import { testWith } from '../helpers/needs.ts'

const test = suite('reference workflow')
const NEEDS = ['act', 'docker-registry', 'zig', 'apt'] as const
const FILES = [
  'SHA256SUMS',
  'hello-aarch64-unknown-linux-gnu.tar.gz',
  'hello-aarch64-unknown-linux-gnu.tar.gz.sha256',
  'hello-x86_64-unknown-linux-gnu.tar.gz',
  'hello-x86_64-unknown-linux-gnu.tar.gz.sha256',
]
let world: HelloWorld | undefined

test.after(() => world?.stop())

/** Runs the workflow for a push; every job that ran must have succeeded. */
async function push(message: string, files?: Record<string, string>): Promise<HelloRun> {
  world ??= await createHelloWorld()
  const run = await world.push(message, files)
  assert.is(run.code, 0, run.log)
  assert.equal([...new Set(Object.values(run.jobs))], ['succeeded'], run.log)
  return run
}

/** Everything that stands outside. */
const state = async (): Promise<unknown> =>
  structuredClone([
    await world!.tags(0),
    await world!.tags(1),
    world!.gitTags(),
    world!.releases(),
    world!.latest(),
  ])

const jobsOf = (run: HelloRun): string[] => Object.keys(run.jobs).toSorted()

/** What the release job handed on as its receipt. */
function receiptOf(run: HelloRun): { subject: string; results: { outcome: string }[] } {
  const files = readdirSync(run.artifacts, { recursive: true, encoding: 'utf8' })
  const file = files.find((path) => path.endsWith('receipt.json'))
  return JSON.parse(readFileSync(join(run.artifacts, file!), 'utf8')) as ReturnType<
    typeof receiptOf
  >
}

/** Whether a version stands whole: these tags with one digest in both registries, and the git tag on the commit. */
async function assertReleased(run: HelloRun, version: string, rolling: readonly string[]) {
  const { subject } = receiptOf(run)
  const wanted = [version, `sha-${run.commit.slice(0, 7)}`, ...rolling, 'latest']
  for (const registry of [0, 1]) {
    const tags = await world!.tags(registry)
    for (const tag of wanted) assert.is(tags[tag], subject, `${tag} in registry ${registry}`)
  }
  assert.is(world!.gitTags()[`hello-v${version}`], run.commit)
  const release = world!.releases().find(({ tag }) => tag === `hello-v${version}`)
  assert.is(release?.draft, false)
  assert.is(world!.latest(), `hello-v${version}`)
  assert.equal(release!.assets.map(({ name }) => name).toSorted(), FILES)
  // At the address that the forge gives.
  assert.match(run.log, /release-url=http:\/\/127\.0\.0\.1:\d+\/acme\/hello\/releases/)
  assert.match(run.log, `/acme/hello/releases/tag/hello-v${version}`)
  assert.match(run.log, /identical {2}linux\/amd64/)
  assert.match(run.log, /identical {2}linux\/arm64/)
}

testWith(
  test,
  NEEDS,
  'a push releases: the cells as jobs of their own, ten tags, one digest, the git tag, the release page',
  async () => {
    const run = await push('docs: a word')
    assert.equal(jobsOf(run), ['build-1', 'build-2', 'gate', 'release'])
    await assertReleased(run, '1.0.0', ['1.0', '1'])
    assert.is(Object.keys(await world!.tags(0)).length, 5)
  },
)

testWith(test, NEEDS, 'a push of a ci: commit releases nothing and says why', async () => {
  const before = await state()
  const run = await push('ci: elsewhere', { 'services/hello/ci.txt': '1' })
  assert.equal(jobsOf(run), ['gate'])
  assert.match(run.log, /hello: nothing to release/)
  assert.match(run.log, /ci: elsewhere {2}.*the type "ci" is not one that releases/)
  assert.equal(await state(), before)
})

testWith(test, NEEDS, 'an empty commit with Release-As releases exactly that version', async () => {
  const run = await push('chore: the next era\n\nRelease-As: hello@2.0.0')
  assert.equal(jobsOf(run), ['build-1', 'build-2', 'gate', 'release'])
  await assertReleased(run, '2.0.0', ['2.0', '2'])
  assert.not.ok(
    Object.keys(world!.gitTags()).some((tag) => /^client-v0\.[^1]|^client-v[^0]/.test(tag)),
  )
})

testWith(test, NEEDS, 'the next fix releases 2.0.1, and the older lines stay', async () => {
  const before = await world!.tags(1)
  const run = await push('fix(hello): a comment', { 'services/hello/note.h': '/* nothing */\n' })
  await assertReleased(run, '2.0.1', ['2.0', '2'])
  const tags = await world!.tags(1)
  for (const tag of ['1.0.0', '1.0', '1', '2.0.0']) assert.is(tags[tag], before[tag], tag)
})

testWith(
  test,
  NEEDS,
  'the same commit again: everything stands, and nothing is written twice',
  async () => {
    const before = await state()
    const run = await world!.again()
    assert.is(run.code, 0, run.log)
    assert.equal([...new Set(receiptOf(run).results.map(({ outcome }) => outcome))], ['unchanged'])
    assert.equal(await state(), before)
  },
)

testWith(test, NEEDS, 'a pull request: its title is read, and what it would release', async () => {
  world ??= await createHelloWorld()
  const right = await world.pullRequest('fix(hello): it is quicker', 'By half.')
  assert.equal(right.jobs, { title: 'succeeded', plan: 'succeeded' }, right.log)
  assert.match(right.log, /fix\(hello\): it is quicker/)
  assert.match(right.log, /hello: release \d\.\d\.\d is due/)
  assert.match(right.log, /hello-linux-amd64 +zig +linux\/amd64 +required/)
  const wrong = await world.pullRequest('made it quicker', '')
  assert.equal(wrong.jobs, { title: 'failed', plan: 'succeeded' }, wrong.log)
  assert.match(wrong.log, /"made it quicker" is no conventional header/)
})

testWith(test, NEEDS, 'no password in any log, artifact or file a job left', () => {
  const texts = world!.runs.flatMap((run) => [
    // What registers a mask is the runner's to swallow.
    run.log.replaceAll(/^.*::add-mask::.*$/gm, ''),
    ...readdirSync(run.artifacts, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')),
  ])
  assert.ok(texts.length > 20)
  for (const secret of CANARIES)
    for (const form of [secret, Buffer.from(`me:${secret}`).toString('base64')])
      for (const text of texts) assert.not.ok(text.includes(form), text.slice(0, 2000))
})

test.run()
