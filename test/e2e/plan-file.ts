// A plan that was looked at is published as it is, from its file; anything else is refused with both digests.
import { cpSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry, type TestRegistry } from '@waybill/testkit'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { digestOfTag, tagsOf } from '../helpers/registry-process.ts'
import { createReleasedImage, publishWords, type ReleasedImage } from '../helpers/released-image.ts'
import { createRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

interface Scene {
  readonly image: ReleasedImage
  readonly registry: TestRegistry
  readonly repository: string
}

const test = suite<Scene>('publish --plan')

test.before(async (scene) => {
  const registry = await startRegistry()
  Object.assign(scene, { registry, image: await createReleasedImage() })
})
test.after(({ registry }) => registry.close())

let count = 0
test.before.each((scene) => {
  Object.assign(scene, { repository: `${scene.registry.address}/acme/app-${++count}` })
})

interface PlanDocument {
  readonly digest: string
  readonly observed: Record<string, Record<string, string>>
}

/** What a dry run prints, in a file. */
async function planned(
  { image, repository }: Scene,
  version = '1.0.0',
): Promise<{ file: string; plan: PlanDocument }> {
  const words = publishWords(image, version, [repository])
  const { code, stdout, stderr, json } = await waybill([...words, '--dry-run'])
  assert.is(code, 0, stderr)
  const file = join(image.folder, `plan-${count}-${version}.json`)
  writeFileSync(file, stdout)
  return { file, plan: json() as unknown as PlanDocument }
}

const publishPlan = (
  { image }: Scene,
  file: string,
  more: readonly string[] = [],
): Promise<CliResult> => {
  const words = ['publish', image.layout, '--plan', file, '--artifacts', image.artifacts, '--json']
  return waybill([...words, ...more])
}

const errorOf = (result: CliResult): { code: string; message: string; details: object } =>
  (result.json() as { error: { code: string; message: string; details: object } }).error

const commit = (digit: string): string[] => ['--commit', digit.repeat(40)]
const pathOf = (repository: string): string => repository.slice(repository.indexOf('/') + 1)

test('a dry run writes nothing; its plan, published from the file, is that plan', async (scene) => {
  const { file, plan } = await planned(scene)
  const { address } = scene.registry
  assert.equal(await tagsOf(address, pathOf(scene.repository)), [])
  const published = await publishPlan(scene, file, ['--plan-digest', plan.digest])
  assert.is(published.code, 0, published.stderr + published.stdout)
  assert.is(published.json()['plan'], plan.digest)
  const tags = await tagsOf(address, pathOf(scene.repository))
  assert.equal(tags.toSorted(), ['1', '1.0', '1.0.0', 'latest', 'sha-1a2b3c4'])
  const again = await publishPlan(scene, file)
  const results = again.json()['results'] as { outcome: string }[]
  assert.ok(results.every(({ outcome }) => outcome === 'unchanged'))
})

test('the image and the released files are those in dist where none are named', async (scene) => {
  const { file } = await planned(scene)
  const cwd = temporaryFolder('dist')
  const published = (): Promise<CliResult> =>
    waybill(['publish', '--plan', file, '--json', '--cwd', cwd])
  assert.is((await published()).code, 2)
  cpSync(scene.image.layout, join(cwd, 'dist'), { recursive: true })
  cpSync(scene.image.artifacts, join(cwd, 'dist'), { recursive: true })
  const { code, stdout, stderr } = await published()
  assert.is(code, 0, stdout + stderr)
})

test('the file that is proved is the one that runs, whatever path the plan names', async (scene) => {
  const { image, repository } = scene
  const layout = join(image.folder, `decoy-${count}`)
  // The released program at a path that nothing runs.
  const binaries = ['amd64', 'arm64'].map((arch) => `linux/${arch}=${image.artifacts}/app-${arch}`)
  const wishes = ['--entrypoint', '["/run"]', '--path', '/app', ...commit('a'), '--json']
  const made = await waybill([
    'image',
    '--base',
    'scratch',
    '--out',
    layout,
    ...binaries.flatMap((binary) => ['--binary', binary]),
    ...wishes,
  ])
  assert.is(made.code, 0, made.stderr + made.stdout)
  const words = publishWords({ ...image, layout }, '1.0.0', [repository])
  const dry = await waybill([...words, '--dry-run'])
  assert.is(dry.code, 0, dry.stderr)
  const file = join(image.folder, `decoy-${count}.json`)
  writeFileSync(file, dry.stdout)
  const withPlan = ['publish', layout, '--plan', file, '--artifacts', image.artifacts, '--json']
  const refused = await waybill(withPlan)
  assert.is(refused.code, 1, refused.stdout)
  assert.is(errorOf(refused).code, 'ERR_NOT_IDENTICAL')
  assert.match(refused.stdout, 'give --path /app')
  assert.equal(await tagsOf(scene.registry.address, pathOf(repository)), [])
  assert.is((await waybill([...withPlan, '--path', '/app'])).code, 0)
})

test('--plan-digest: another plan than the reviewed one is refused, with both digests', async (scene) => {
  const { file, plan } = await planned(scene)
  const other = `sha256:${'0'.repeat(64)}`
  const fresh = publishWords(scene.image, '1.0.0', [scene.repository])
  for (const refused of [
    await publishPlan(scene, file, ['--plan-digest', other]),
    await waybill([...fresh, '--plan-digest', other]),
    await waybill([...fresh, '--plan-digest', other, '--dry-run']),
  ]) {
    assert.is(refused.code, 1, refused.stdout)
    const { code, message } = errorOf(refused)
    assert.is(code, 'ERR_PLAN_MISMATCH')
    assert.match(message, other)
    assert.match(message, plan.digest)
  }
  assert.equal(await tagsOf(scene.registry.address, pathOf(scene.repository)), [])
  const right = await waybill([...fresh, '--plan-digest', plan.digest])
  assert.is(right.code, 0, right.stdout)
})

test('a plan that was changed after it was printed is refused, and so is another image', async (scene) => {
  const { file, plan } = await planned(scene)
  const changed = join(scene.image.folder, 'changed.json')
  writeFileSync(changed, JSON.stringify(plan).replaceAll('"1.0"', '"9.9"'))
  const refused = await publishPlan(scene, changed)
  assert.is(errorOf(refused).code, 'ERR_PLAN_MISMATCH')
  assert.match(errorOf(refused).message, plan.digest)
  const image = await createReleasedImage('another')
  const foreign = await publishPlan({ ...scene, image }, file)
  assert.is(foreign.code, 1)
  assert.is(errorOf(foreign).code, 'ERR_PLAN_MISMATCH')
  assert.match(errorOf(foreign).message, image.digest)
  assert.match(errorOf(foreign).message, scene.image.digest)
  assert.equal(await tagsOf(scene.registry.address, pathOf(scene.repository)), [])
})

test('a rolling tag that somebody moved since: refused, all three values named, nothing written', async (scene) => {
  const { repository, registry } = scene
  const [before, third] = [await createReleasedImage('before'), await createReleasedImage('third')]
  const first = await waybill([...publishWords(before, '0.9.0', [repository]), ...commit('a')])
  assert.is(first.code, 0, first.stdout)
  const { file } = await planned(scene)
  const moved = await waybill([...publishWords(third, '0.9.1', [repository]), ...commit('b')])
  assert.is(moved.code, 0, moved.stdout)
  const refused = await publishPlan(scene, file)
  assert.is(refused.code, 1, refused.stdout)
  const { code, message, details } = errorOf(refused)
  assert.is(code, 'ERR_STALE_PLAN')
  for (const digest of [before.digest, third.digest, scene.image.digest])
    assert.match(message + JSON.stringify(details), digest)
  assert.is(await digestOfTag(registry.address, pathOf(repository), '1.0.0'), undefined)
  assert.is(await digestOfTag(registry.address, pathOf(repository), 'latest'), third.digest)
})

test('a waiver of a plan counts where the call says so too, and the git tag is pushed to the planned remote', async (scene) => {
  const { layout, folder } = scene.image
  const { path, commit, git } = createRepository()
  const name = commit({ message: 'feat: first', files: { a: '1' } })
  const bare = join(folder, `remote-${count}.git`)
  git('init', '--bare', '--quiet', bare)
  const words = ['publish', layout, '--version', '2.0.0', '--to', scene.repository, '--json']
  const tagged = ['--git', bare, '--git-tag', 'app-v2.0.0', '--commit', name]
  const waived = [...words, ...tagged, '--waive-identity', 'a test', '--cwd', path]
  const dry = await waybill([...waived, '--dry-run'])
  assert.is(dry.code, 0, dry.stdout + dry.stderr)
  const file = join(folder, 'waived.json')
  writeFileSync(file, dry.stdout)
  const withPlan = ['publish', layout, '--plan', file, '--json', '--cwd', path]
  const alone = await waybill(withPlan)
  assert.is(alone.code, 1)
  assert.is(errorOf(alone).code, 'ERR_UNPROVEN')
  const reviewed = ['--plan-digest', String(dry.json()['digest'])]
  const refused: readonly (readonly string[])[] = [
    ['--waive-identity', 'another reason'],
    ['--waive-identity', 'a test', '--artifacts', scene.image.artifacts],
    ['--waive-identity', 'a test', '--path', '/app'],
    [...reviewed, '--artifacts', scene.image.artifacts],
    [...reviewed, '--artifacts', '/nowhere', '--path', '/x'],
  ]
  for (const more of refused) {
    const result = await waybill([...withPlan, ...more])
    assert.is(result.code, 2, result.stdout)
    assert.is(errorOf(result).code, 'ERR_USAGE')
  }
  assert.equal(await tagsOf(scene.registry.address, pathOf(scene.repository)), [])
  const published = await waybill([...withPlan, ...reviewed])
  assert.is(published.code, 0, published.stdout + published.stderr)
  assert.is((await waybill([...withPlan, '--waive-identity', 'a test'])).code, 0)
  assert.is(published.json()['waived'], 'a test')
  assert.match(git('ls-remote', bare), `${name}\trefs/tags/app-v2.0.0`)
})

test('options that a plan is made of are refused beside it, and what is no plan too: exit 2', async (scene) => {
  const { file } = await planned(scene)
  const broken = join(scene.image.folder, 'broken.json')
  writeFileSync(broken, '{"schemaVersion":1}')
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [
      ['--plan', file, '--version', '2.0.0', '--to', 'x.example/y'],
      /--version, --to beside --plan/,
    ],
    [['--plan', file, '--waive-identity', 'no time'], /--waive-identity beside .*proved image/],
    [['--plan', broken], /naming is missing/],
    [['--plan', 'no-such-plan.json'], /no-such-plan\.json/],
  ]
  for (const [words, message] of cases) {
    const result = await waybill(['publish', scene.image.layout, ...words])
    assert.is(result.code, 2, result.stderr)
    assert.match(result.stderr, message)
  }
})

for (const more of [[], ['--out', 'layout'], ['--out', 'image.tar']])
  test(`a dry run of image ${more.join(' ')} writes nothing, not even what is remembered`, async (scene) => {
    const { image, repository, registry } = scene
    const cwd = temporaryFolder('dry')
    const wishes = ['--version', '1.0.0', '--to', repository, '--path', '/app', '--json']
    const platforms = more[1] === 'image.tar' ? ['amd64'] : ['amd64', 'arm64']
    const binary = platforms.flatMap((arch) => [
      '--binary',
      `linux/${arch}=${image.artifacts}/app-${arch}`,
    ])
    const words = ['image', '--base', 'scratch', ...binary, ...wishes, ...more]
    words.push('--waive-identity', 'a test')
    const dry = await waybill([...words, '--dry-run'], { cwd })
    assert.is(dry.code, 0, dry.stdout + dry.stderr)
    assert.equal(readdirSync(cwd), [])
    assert.equal(await tagsOf(registry.address, pathOf(repository)), [])
    const planned = ['--plan-digest', String(dry.json()['digest'])]
    const done = await waybill([...words, ...planned], { cwd })
    assert.is(done.code, 0, done.stdout + done.stderr)
    assert.equal(readdirSync(cwd).toSorted(), ['.waybill', ...more.slice(1)])
  })

test('a dry run needs no right to write', async (scene) => {
  const { image, registry, repository } = scene
  registry.inject([{ kind: '403', method: 'POST', until: Number.POSITIVE_INFINITY }])
  try {
    const words = publishWords(image, '1.0.0', [repository])
    assert.is((await waybill([...words, '--dry-run'])).code, 0)
    const real = await waybill(words)
    assert.is(real.code, 4)
    assert.match(real.stdout + real.stderr, 'ERR_DENIED')
  } finally {
    registry.inject([])
  }
})

test('a version that only the file takes as withdrawn is not enough to move rolling names back', async (scene) => {
  const { image, repository } = scene
  const words = publishWords(image, '1.5.0', [repository])
  const made = await waybill([...words, '--yanked', '2.0.0', '--dry-run'])
  assert.is(made.code, 0, made.stderr)
  const file = join(image.folder, `yanked-${count}.json`)
  writeFileSync(file, made.stdout)
  const alone = await publishPlan(scene, file)
  assert.is(alone.code, 2, alone.stdout)
  assert.match(errorOf(alone).message, /takes version 2\.0\.0 as withdrawn/)
  const other = await publishPlan(scene, file, ['--yanked', '2.0.0', '--yanked', '3.0.0'])
  assert.is(other.code, 2, other.stdout)
  assert.equal(await tagsOf(scene.registry.address, pathOf(repository)), [])
  const { digest } = made.json() as unknown as PlanDocument
  for (const said of [
    ['--yanked', '2.0.0'],
    ['--plan-digest', digest],
  ])
    assert.is((await publishPlan(scene, file, said)).code, 0)
})

test.run()
