// What an image runs beside its binary, said by image, verify, publish and release; and programs that are accepted by their digest.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '@waybill/core'
import { writeLayout } from '@waybill/oci'
import { startRegistry, type TestRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { destination } from 'waybill'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { contentOf, file, rootfs } from '../helpers/images.ts'
import { createRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { tinyElf, type TinyPlatform } from '../helpers/tiny-elf.ts'

const test = suite('what an image runs, on the command line')
const PLATFORMS: readonly TinyPlatform[] = ['linux/amd64', 'linux/arm64']
const folder = temporaryFolder('what-runs')
const [released, base] = [join(folder, 'released'), join(folder, 'base')]
const inits = PLATFORMS.map((platform) => tinyElf(platform, 'init'))
const through = inits.flatMap((bytes) => ['--through', `/init=${digestOf(bytes)}`])
const stated = PLATFORMS.map((platform, at) => ({
  platform,
  path: '/init',
  digest: digestOf(inits[at]!),
}))
const images = PLATFORMS.map((platform, at) => ({
  platform,
  layers: [[...rootfs, file(inits[at]!, 'init')]],
}))

let registry: TestRegistry
let baseReference = ''
test.before(async () => {
  registry = await startRegistry()
  mkdirSync(released)
  for (const platform of PLATFORMS)
    writeFileSync(join(released, `app-${platform.slice(6)}`), tinyElf(platform, 'app'), {
      mode: 0o755,
    })
  const content = await contentOf(images)
  await writeLayout(content, base)
  const to = destination(`${registry.address}/acme/base`)
  await to.put(content)
  await to.set('1', content.subject.digest, { kind: 'immutable', content })
  baseReference = `${registry.address}/acme/base:1@${content.subject.digest}`
})
test.after(() => registry.close())

const image = (out: string, ...more: readonly string[]): Promise<CliResult> =>
  waybill([
    'image',
    ...PLATFORMS.flatMap((platform) => [
      '--binary',
      `${platform}=${join(released, `app-${platform.slice(6)}`)}`,
    ]),
    '--base',
    base,
    '--path',
    '/app',
    '--out',
    join(folder, out),
    '--json',
    ...more,
  ])

const INIT = ['--entrypoint', '["/init","--","/app"]']
const codeOf = (result: CliResult): string =>
  (result.json() as { error?: { code: string } }).error?.code ?? 'ok'

test('image says it, refuses with --strict before it writes, and takes what is accepted', async () => {
  const plain = await image('plain', ...INIT)
  assert.is(plain.code, 0, plain.stderr)
  assert.match(plain.stderr, 'starts /init, not /app, which was proved')
  assert.match(plain.stderr, '[shell-between]')
  const strict = await image('strict', ...INIT, '--strict')
  assert.is(strict.code, 1)
  assert.is(codeOf(strict), 'ERR_RUNS_OTHER')
  assert.not.ok(existsSync(join(folder, 'strict', 'index.json')))
  const taken = await image('taken', ...INIT, '--strict', ...through)
  assert.is(taken.code, 0, taken.stdout)
  assert.not.match(taken.stderr, 'shell-between')
  const own = await image('own', '--strict')
  assert.is(own.code, 0, own.stdout)
  const other = await image('other', ...INIT, '--through', `/init=${digestOf('other')}`)
  assert.is(codeOf(other), 'ERR_RUNS_OTHER')
})

test('--through wants the path of a program and its digest', async () => {
  for (const word of [
    '/init',
    `init=${digestOf('x')}`,
    '/init=sha256:12',
    `=${digestOf('x')}`,
    '',
  ]) {
    const { code, stderr, stdout } = await image('wrong', '--through', word)
    assert.is(code, 2, stderr + stdout)
  }
})

test('verify says it, and states what was accepted', async () => {
  await image('layout', ...INIT)
  const words = ['verify', join(folder, 'layout'), '--artifacts', released, '--json']
  const plain = await waybill([...words, '--path', '/app'])
  assert.is(plain.code, 0, plain.stdout)
  assert.match(plain.stdout, 'shell-between')
  assert.is((await waybill([...words, '--path', '/app', '--strict'])).code, 1)
  const taken = await waybill([...words, '--strict', ...through])
  assert.is(taken.code, 0, taken.stdout)
  assert.equal(taken.json()['through'], stated)
  assert.equal(taken.json()['findings'], [])
})

test('publish states it in plan and receipt; a plan from a file keeps it and takes no other', async () => {
  await image('published', ...INIT)
  const words = ['publish', join(folder, 'published'), '--artifacts', released, '--json', '--yes']
  const to = ['--version', '1.0.0', '--to', `${registry.address}/acme/app`]
  const own = [...words, ...to]
  const refused = await waybill([...own, '--path', '/app', '--strict'])
  assert.is(codeOf(refused), 'ERR_RUNS_OTHER')
  const plan = await waybill([...own, ...through, '--strict', '--dry-run'])
  assert.is(plan.code, 0, plan.stdout)
  const { proof } = plan.json() as { proof: { through: unknown } }
  assert.equal(proof.through, stated)
  const written = join(folder, 'plan.json')
  writeFileSync(written, plan.stdout)
  // The file alone accepts no program.
  assert.is((await waybill([...words, '--plan', written, '--strict'])).code, 2)
  const receipt = await waybill([...words, '--plan', written, '--strict', ...through])
  assert.is(receipt.code, 0, receipt.stdout)
  assert.equal(receipt.json()['through'], stated)
  const others = ['--through', `/other=sha256:${'a'.repeat(64)}`]
  assert.is((await waybill([...words, '--plan', written, ...through, ...others])).code, 2)
  const waived = ['publish', join(folder, 'published'), ...to, '--waive-identity', 'a reason']
  for (const more of [through, ['--strict']])
    assert.is((await waybill([...waived, '--yes', ...more])).code, 2)
})

test('image publishes in one go what it accepts', async () => {
  const to = ['--to', `${registry.address}/acme/at-once`, '--version', '1.0.0', '--yes']
  const given = [...INIT, ...to, '--artifacts', released]
  const refused = await image('once', ...given, '--strict')
  assert.is(codeOf(refused), 'ERR_RUNS_OTHER')
  const taken = await image('once', ...given, '--strict', ...through)
  assert.is(taken.code, 0, taken.stdout + taken.stderr)
  const { receipt } = taken.json() as { receipt: { through: unknown } }
  assert.equal(receipt.through, stated)
})

/** Releases a component whose definition says this of its image; the receipt, or the error. */
async function release(said: string, ...more: readonly string[]): Promise<CliResult> {
  const repository = createRepository()
  const name = `app-${digestOf(said + more.join(' ')).slice(7, 15)}`
  const definition = `schemaVersion: 1
registries: { local: ${registry.address}/acme }
components:
  app:
    path: app
    tag: "app-v{version}"
    builds:
      - { toolchain: prebuilt, binary: app, from: "{platform}", platforms: [linux/amd64, linux/arm64], versionArgs: [] }
    archives: { formats: [tar.gz] }
    images: [{ repository: ${name}, base: "${baseReference}", path: /app, ${said} }]
`
  repository.commit({
    message: 'feat(app): the first',
    files: {
      'waybill.yaml': definition,
      'app/linux-amd64': tinyElf('linux/amd64', 'app'),
      'app/linux-arm64': tinyElf('linux/arm64', 'app'),
      '.gitignore': 'dist\n.waybill\n',
    },
  })
  return waybill(['release', '--json', '--yes', ...more], { cwd: repository.path })
}

test('a definition accepts a program, beside its words or in their place', async () => {
  const digests = `[${inits.map((bytes) => `"${digestOf(bytes)}"`).join(', ')}]`
  const ways = [
    `entrypoint: { through: /init, digest: ${digests} }`,
    `entrypoint: [{ through: /init, digest: ${digests}, args: [--] }]`,
    `config: { entrypoint: { through: /init, digest: ${digests}, args: [-g] } }`,
    `entrypoint: { through: /init, digest: ${digests} }, config: { entrypoint: [/init, --, /app] }`,
  ]
  for (const said of ways) {
    const result = await release(said, '--strict')
    assert.is(result.code, 0, result.stdout + result.stderr)
    assert.equal(result.json()['through'], stated, said)
  }
  const wrong = await release(`entrypoint: { through: /init, digest: "${digestOf('x')}" }`)
  assert.is(codeOf(wrong), 'ERR_RUNS_OTHER')
  const plain = await release('config: { entrypoint: [/init, /app] }')
  assert.is(plain.code, 0, plain.stdout)
  assert.match(plain.stderr, '[shell-between]')
  assert.is(
    codeOf(await release('config: { entrypoint: [/init, /app] }', '--strict')),
    'ERR_RUNS_OTHER',
  )
})

test('a definition that accepts no digest, or no path, is refused', async () => {
  const digest = `"${digestOf('x')}"`
  for (const said of [
    'entrypoint: { through: /init }',
    `entrypoint: { through: init, digest: ${digest} }`,
    `entrypoint: { digest: ${digest} }`,
    'entrypoint: { through: /init, digest: "sha256:1" }',
    'entrypoint: { through: /init, digest: [] }',
    'entrypoint: []',
    'entrypoint: [/init, /app]',
    `entrypoint: { through: /init, digest: ${digest}, argv: [x] }`,
    'config: { entrypoint: { through: /init } }',
  ]) {
    const result = await release(said)
    assert.is(codeOf(result), 'ERR_INVALID_DEFINITION', said + result.stdout)
    assert.is(result.code, 2)
  }
})

test.run()
