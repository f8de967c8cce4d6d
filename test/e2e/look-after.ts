// After the release: what stands where, what is wrong and repaired, what a registry can do, who may.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry, type TestRegistry } from '@waybill/testkit'
import { BIN, run, waybill, type CliResult } from '../helpers/cli.ts'
import { closingAfter } from '../helpers/closing.ts'
import { ask } from '../helpers/push.ts'
import { digestOfTag } from '../helpers/registry-process.ts'
import { createReleasedImage, publishWords } from '../helpers/released-image.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('looking after a release')
const opened = closingAfter(test)
const INDEX = 'application/vnd.oci.image.index.v1+json'
const old = await createReleasedImage('old')
const image = await createReleasedImage('new')

interface Found {
  readonly ok: boolean
  readonly checked: readonly Record<string, unknown>[]
  readonly findings: readonly { code: string }[]
}

const found = (result: CliResult): Found => result.json() as unknown as Found
const codes = (result: CliResult): string[] => found(result).findings.map(({ code }) => code)

/** Two registries with 1.0.0 and 1.1.0 in both. */
async function released(): Promise<{ registries: TestRegistry[]; names: string[] }> {
  const registries = [await opened(startRegistry()), await opened(startRegistry())]
  const names = registries.map(({ address }) => `${address}/acme/app`)
  for (const [one, version, commit] of [
    [old, '1.0.0', 'a'],
    [image, '1.1.0', 'b'],
  ] as const) {
    const words = publishWords(one, version, names)
    const result = await waybill([...words, '--commit', commit.repeat(40)])
    assert.is(result.code, 0, result.stdout)
  }
  return { registries, names }
}

/** Points `latest` at the old version in one registry, and takes the new version out of the other. */
async function damage([first, second]: readonly TestRegistry[]): Promise<void> {
  const url = '/v2/acme/app/manifests'
  const { body } = await ask(first!.address, `GET ${url}/1.0.0`, { headers: { accept: INDEX } })
  await ask(first!.address, `PUT ${url}/latest`, { headers: { 'content-type': INDEX }, body })
  assert.is((await ask(second!.address, `DELETE ${url}/1.1.0`)).status, 202)
}

const latest = ({ address }: TestRegistry): Promise<string | undefined> =>
  digestOfTag(address, 'acme/app', 'latest')

test('status says of every name where it stands: 0 as it should, 1 otherwise, 4 not to be found out', async () => {
  const { registries, names } = await released()
  const to = names.flatMap((name) => ['--to', name])
  const words = ['status', '1.1.0', ...to, '--commit', 'b'.repeat(40), '--json']
  const good = await waybill(words)
  assert.is(good.code, 0, good.stdout)
  assert.is(found(good).checked.length, 10)
  for (const one of found(good).checked) {
    assert.is(one['outcome'], 'ok')
    assert.is(one['found'], image.digest)
  }
  await damage(registries)
  const bad = await waybill(words)
  assert.is(bad.code, 1)
  const wrong = found(bad).checked.filter(({ outcome }) => outcome !== 'ok')
  assert.equal(
    wrong.map(({ destination, name }) => [destination, name]).toSorted(),
    [
      [names[0], 'latest'],
      [names[1], '1.1.0'],
    ].toSorted(),
  )
  assert.is((await waybill(['status', '1.1.0', '--to', '127.0.0.1:1/a/b'])).code, 4)
  assert.is((await waybill(['status', '1.1', ...to])).code, 2)
})

test('status refuses a component where the repositories are given, and names one that is not defined', async () => {
  const cwd = temporaryFolder('status')
  writeFileSync(
    join(cwd, 'waybill.yaml'),
    'schemaVersion: 1\ncomponents:\n  hello: { path: hello, tag: "hello-v{version}" }\n',
  )
  const run = async (...words: string[]): Promise<[number | null, string]> => {
    const { code, stderr } = await waybill(['status', '1.0.0', '--cwd', cwd, ...words])
    return [code, stderr]
  }
  for (const [words, message] of [
    [['--component', 'hello', '--to', '127.0.0.1:1/a/b'], /--component chooses an image/],
    [['--component', 'helo'], /no component "helo"; did you mean "?hello/i],
    [['--component', 'hello'], /expected one image to look for, hello has 0/],
    [[], /expected one image to look for, the definition has 0/],
  ] as const) {
    const [code, said] = await run(...words)
    assert.is(code, 2, said)
    assert.match(said, message)
  }
})

test('heal reports without writing, repairs on request, and is content with what it made', async () => {
  const { registries, names } = await released()
  assert.is((await waybill(['heal', ...names])).code, 0)
  await damage(registries)
  for (const more of [[], ['--dry-run'], ['--repair', '--dry-run']]) {
    const report = await waybill(['heal', ...names, ...more, '--json'])
    assert.is(report.code, 1, report.stdout)
    assert.equal(codes(report).toSorted(), ['mirror-missing', 'rolling-wrong'])
    assert.is(await latest(registries[0]!), old.digest)
  }
  const repaired = await waybill(['heal', ...names, '--repair', '--json'])
  assert.is(repaired.code, 0, repaired.stdout)
  for (const registry of registries) {
    assert.is(await latest(registry), image.digest)
    assert.is(await digestOfTag(registry.address, 'acme/app', '1.1.0'), image.digest)
  }
  assert.is((await waybill(['heal', ...names])).code, 0)
  const yanked = await waybill(['heal', ...names, '--yanked', '1.1.0', '--repair', '--json'])
  assert.is(yanked.code, 0, yanked.stdout)
  assert.is(await latest(registries[0]!), old.digest)
})

test('versions that the definition calls yanked do not count for status and heal', async () => {
  const { registries, names } = await released()
  const cwd = temporaryFolder('yanked')
  const [at] = names[0]!.split('/')
  writeFileSync(
    join(cwd, 'waybill.yaml'),
    `schemaVersion: 1
registries: { first: ${at}/acme }
components:
  app:
    path: app
    tag: 'v{version}'
    yanked: ['1.1.0']
    builds: [{ toolchain: prebuilt, binary: app, from: app, platforms: [linux/amd64] }]
    images: [{ repository: app, base: scratch, path: /app }]
`,
  )
  const bad = await waybill(['status', '1.0.0', '--cwd', cwd, '--json'])
  assert.is(bad.code, 1, bad.stdout + bad.stderr)
  const repaired = await waybill(['heal', names[0]!, '--repair', '--cwd', cwd, '--json'])
  assert.is(repaired.code, 0, repaired.stdout)
  assert.is(await latest(registries[0]!), old.digest)
  assert.is((await waybill(['status', '1.0.0', '--cwd', cwd])).code, 0)
  assert.is((await waybill(['heal', names[0]!, '--config', join(cwd, 'nope.yaml')])).code, 2)
})

test('doctor finds out what a registry can do, and leaves nothing behind', async () => {
  for (const [like, can, cannot] of [
    [undefined, 'referrers', undefined],
    ['ghcr', 'push', 'referrers'],
    ['ecr', 'push', 'chunked'],
  ] as const) {
    const repositories = ['acme/app']
    const registry = await opened(startRegistry({ like, repositories }))
    const result = await waybill(['doctor', `${registry.address}/acme/app`, '--json'])
    assert.ok(result.code === 0 || result.code === 1, result.stdout + result.stderr)
    const { capabilities } = result.json() as { capabilities: Record<string, boolean | null> }
    assert.is(capabilities[can], true, `${like} ${can}`)
    if (cannot !== undefined) assert.is.not(capabilities[cannot], true, `${like} ${cannot}`)
  }
  assert.is((await waybill(['doctor', '127.0.0.1:1/a/b'])).code, 4)
})

for (const kind of ['basic', 'bearer'] as const) {
  test(`login keeps what a registry with ${kind} wants, once it was tried; a publish then finds it`, async () => {
    const auth = { kind, users: { ann: 'hunter2-long' } }
    const { address } = await opened(startRegistry({ auth }))
    const env = { DOCKER_CONFIG: temporaryFolder('docker') }
    const words = ['--username', 'ann', '--password-stdin', '--json']
    const login = (password: string): Promise<CliResult> =>
      run(
        'sh',
        [
          '-c',
          `printf %s ${password} | "$0" "$@"`,
          process.execPath,
          BIN,
          'login',
          address,
          ...words,
        ],
        { env },
      )
    const to = publishWords(image, '1.0.0', [`${address}/acme/app`])
    const anonymous = await waybill(to, { env })
    assert.is(anonymous.code, 4, anonymous.stdout)
    const wrong = await login('nonsense')
    assert.is.not(wrong.code, 0)
    assert.match(wrong.stdout, /ERR_UNAUTHORIZED/)
    const right = await login('hunter2-long')
    assert.is(right.code, 0, right.stdout + right.stderr)
    const file = join(env.DOCKER_CONFIG, 'config.json')
    assert.is(statSync(file).mode & 0o077, 0)
    assert.ok(address in (JSON.parse(readFileSync(file, 'utf8')) as { auths: object }).auths)
    const published = await waybill(to, { env })
    assert.is(published.code, 0, published.stdout + published.stderr)
    for (const { stdout, stderr } of [anonymous, wrong, right, published])
      assert.not.match(stdout + stderr, /hunter2|YW5uO/)
  })
}

test.run()
