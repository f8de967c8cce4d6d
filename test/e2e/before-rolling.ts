// Programs that run between the immutable and the rolling tags, from the definition and from the command line, in a real shell.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry, type TestRegistry } from '@waybill/testkit'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { tagsOf } from '../helpers/registry-process.ts'
import { createReleasedImage, publishWords } from '../helpers/released-image.ts'
import { createRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { tinyElf } from '../helpers/tiny-elf.ts'

interface Scene {
  readonly registries: readonly TestRegistry[]
  readonly cwd: string
  readonly log: string
}

const test = suite<Scene>('beforeRolling')
const SECRET = 'hunter2-but-longer'

// Writes down what it is given and which tags can be seen while it runs, and says its secret aloud.
const SIGN =
  `echo "$1 $("$NODE" -e 'fetch(process.argv[1]).then((r) => r.json()).then(({ tags }) => console.log(tags.join()))' "http://\${1%@*}/tags")" >> "$SIGN_LOG"
echo "signing $1 with $SIGN_TOKEN"
if [ -n "$SIGN_FAIL" ]; then echo "no key for $SIGN_TOKEN" >&2; exit 3; fi
`.replace('http://${1%@*}/tags', 'http://${1%%/*}/v2/acme/app/tags/list')

const definition = (addresses: readonly string[]): string => `schemaVersion: 1
registries: { ${addresses.map((address, at) => `r${at}: "${address}/acme"`).join(', ')} }
components:
  app:
    path: app
    tag: "app-v{version}"
    builds: [{ toolchain: prebuilt, binary: app, from: app, platforms: [linux/amd64] }]
    archives: { formats: [tar.gz] }
    images:
      - { repository: app, base: scratch, path: /app, beforeRolling: [[sh, sign.sh]] }
`

test.before.each(async (scene) => {
  const registries = await Promise.all([startRegistry(), startRegistry()])
  const { path, commit } = createRepository()
  const files = {
    'waybill.yaml': definition(registries.map(({ address }) => address)),
    'app/app': tinyElf('linux/amd64'),
    'sign.sh': SIGN,
    '.gitignore': 'dist\n.waybill\n',
  }
  commit({ message: 'feat: first', files })
  const log = join(temporaryFolder('signed'), 'log')
  Object.assign(scene, { registries, cwd: path, log })
})
test.after.each(({ registries }) =>
  Promise.all(registries.map((registry) => registry.close())).then(() => {}),
)

function run(
  { cwd, log }: Scene,
  words: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const env = { NODE: process.execPath, SIGN_LOG: log, SIGN_TOKEN: SECRET, ...more }
  return waybill([...words, '--cwd', cwd, '--json'], { env })
}

const signed = ({ log }: Scene): string[] => readFileSync(log, 'utf8').trim().split('\n')
const tags = async ({ registries }: Scene): Promise<string[]> => {
  const all = await Promise.all(registries.map(({ address }) => tagsOf(address, 'acme/app')))
  assert.equal(all[0]!.toSorted(), all[1]!.toSorted())
  return all[0]!.toSorted().filter((tag) => !tag.startsWith('sha-'))
}
const ROLLED = ['0.1', '0.1.0', 'latest']

test('release: each name@digest once, while the immutable tags stand and the rolling ones do not', async (scene) => {
  const result = await run(scene, ['release', '--yes'])
  assert.is(result.code, 0, result.stderr)
  const { subject } = result.json() as { subject: string }
  const expected = scene.registries.map(({ address }) => `${address}/acme/app@${subject}`)
  assert.equal(
    signed(scene)
      .map((line) => line.split(' ')[0])
      .toSorted(),
    expected.toSorted(),
  )
  for (const line of signed(scene))
    assert.match(line, /@sha256:[0-9a-f]{64} 0\.1\.0,sha-[0-9a-f]{7}$/)
  assert.equal(await tags(scene), ROLLED)
  assert.match(result.stderr, /signing 127\.0\.0\.1:\d+\/acme\/app@sha256:/)
  const again = await run(scene, ['release', '--yes'])
  assert.is(again.code, 0, again.stderr)
  assert.is(signed(scene).length, 2)
})

test('one that fails leaves every rolling tag alone: exit 5, also the second time; mended, the same call goes on', async (scene) => {
  for (const _ of [1, 2]) {
    const result = await run(scene, ['release', '--yes'], { SIGN_FAIL: '1' })
    assert.is(result.code, 5, result.stdout)
    const { error } = result.json() as { error: { code: string; message: string; hint: string } }
    assert.is(error.code, 'ERR_HOOK_FAILED')
    assert.match(error.message, /sh sign\.sh .*exit code 3\nno key for/)
    assert.match(error.message, 'the immutable names stand, no rolling name was moved')
    assert.equal(await tags(scene), ['0.1.0'])
    assert.not.match(result.stdout + result.stderr, SECRET)
  }
  const result = await run(scene, ['release', '--yes'])
  assert.is(result.code, 0, result.stderr)
  assert.equal(await tags(scene), ROLLED)
})

test('secrets of the environment are blackened in what a program says', async (scene) => {
  const result = await run(scene, ['release', '--yes', '--verbose'])
  assert.match(result.stderr, /signing .* with \*\*\*/)
  assert.not.match(result.stdout + result.stderr, SECRET)
})

test('a rehearsal does not run it, and says so', async (scene) => {
  const result = await run(scene, ['rehearse', '--state', temporaryFolder('rehearsal')])
  assert.is(result.code, 0, result.stdout + result.stderr)
  assert.match(result.stderr, 'not run in a rehearsal: sh sign.sh')
  assert.not.ok(existsSync(scene.log))
})

test('publish --before-rolling runs programs in their order, and stops at the first that fails', async (scene) => {
  const image = await createReleasedImage()
  const to = scene.registries.map(({ address }) => `${address}/acme/app`)
  const words = publishWords(image, '0.1.0', to)
  const first = ['--before-rolling', 'sh sign.sh']
  const second = ['--before-rolling', '["sh", "-c", "echo second of {image}; exit 4"]']
  const failed = await run(scene, [...words, ...first, ...second])
  assert.is(failed.code, 5, failed.stdout)
  // Destinations come in the order of their names.
  assert.match(failed.stderr, `second of ${to.toSorted()[0]}@${image.digest}`)
  assert.is(signed(scene).length, 2)
  assert.equal(await tags(scene), ['0.1.0'])
  const missing = await run(scene, [...words, '--before-rolling', 'no-such-program'])
  assert.is(missing.code, 5)
  assert.match(missing.stdout, 'no-such-program')
  const unknown = await run(scene, [...words, '--before-rolling', 'sh sign.sh {tag}'])
  assert.match(unknown.stdout, 'unknown variable {tag}')
  assert.is((await run(scene, [...words, ...first])).code, 0)
  assert.equal(await tags(scene), ROLLED)
})

test.run()
