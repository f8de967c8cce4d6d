// What a person mistypes, by option: exit 2, the value, what was expected, and nothing written.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { waybill } from '../helpers/cli.ts'
import { createReleasedImage, publishWords, type ReleasedImage } from '../helpers/released-image.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

interface Scene {
  readonly image: ReleasedImage
  readonly out: string
}

type Cases = readonly (readonly [readonly string[], RegExp])[]

const test = suite<Scene>('wrong values')
test.before(async (scene) => {
  const out = join(temporaryFolder('never'), 'out')
  Object.assign(scene, { image: await createReleasedImage(), out })
})

async function refused(words: readonly string[], message: RegExp): Promise<void> {
  const result = await waybill(words)
  assert.is(result.code, 2, `${words.join(' ')}: ${result.stderr}`)
  assert.match(result.stderr, message)
}

const image: Cases = [
  [['--binary', 'linux/amd63=app'], /No platform is called "linux\/amd63"[^]*linux\/amd64/],
  [['--binary', 'linux/x86_64=app'], /Did you mean linux\/amd64/],
  [['--binary', 'lunix/arm64=app'], /Did you mean linux\/arm64/],
  [['--binary', 'linux=app'], /os\/architecture/],
  [['--port', '0'], /found "0"/],
  [['--port', '65536'], /found "65536"/],
  [['--port', '90-80'], /7701-7799, found "90-80"/],
  [['--port', '80/icmp'], /found "80\/icmp"/],
  [['--port', '1-2-3'], /found "1-2-3"/],
  [['--env', 'NOEQUALS'], /KEY=VALUE/],
  [['--created', 'yesterday'], /@SECONDS or a time such as/],
  [['--created', '2026-02-30'], /@SECONDS/],
  [['--created', '@-1'], /@SECONDS/],
  [['--created', '2024-02-31T00:00:00Z'], /@SECONDS/],
  [['--healthcheck', '{"test":[]}'], /healthcheck test to be a command/],
  [['--healthcheck', '{"tset":["x"]}'], /Expected a healthcheck such as/],
  [['--healthcheck', '{"test":["CMD","x"],"interval":"5s"}'], /whole number/],
  [['--healthcheck', ' '], /a program and its arguments/],
  [['--stop-signal', 'SIGTER'], /perhaps SIGTERM, found "SIGTER"/],
  [['--stop-signal', '99'], /from 1 to 64/],
  [['--user', ''], /a name or number/],
  [['--user', 'a b'], /found "a b"/],
  [['--user', '1:2:3'], /found "1:2:3"/],
  [['--entrypoint', ''], /a program and its arguments/],
  [['--entrypoint', '["",""]'], /a program and its arguments/],
  [['--entrypoint', '[x'], /Not valid JSON/],
  [['--volume', 'data'], /an absolute path/],
  [['--workdir', 'data'], /an absolute path/],
  [['--commit', 'HEAD'], /object name/],
]

for (const [words, message] of image) {
  test(`image ${words.join(' ')}`, async (scene) => {
    const { artifacts } = scene.image
    const binary = ['--binary', `linux/amd64=${join(artifacts, 'app-amd64')}`]
    const given = words[0] === '--binary' ? words : [...binary, ...words]
    const common = ['--base', 'scratch', '--path', '/app', '--out', scene.out]
    await refused(['image', ...given, ...common], message)
    assert.not.ok(existsSync(scene.out))
  })
}

const REPOSITORY = '127.0.0.1:1/acme/app'
const publish: Cases = [
  [['--to', '127.0.0.1:1/ACME/app'], /lower-case letters/],
  [['--to', 'ACME/app'], /lower-case letters/],
  [['--to', '127.0.0.1:1/acme/app:1.0'], /without tag or digest/],
  [['--to', `127.0.0.1:1/acme/app@sha256:${'0'.repeat(64)}`], /without tag or digest/],
  [['--to', 'http://127.0.0.1:1/acme/app'], /a host, and a port/],
  [['--to', '127.0.0.1:99999/acme/app'], /a host, and a port/],
  [['--yanked', 'zzz'], /a version such as 1\.2\.3/],
  [['--yanked', 'v1.0.0'], /a version such as 1\.2\.3/],
  [['--to', REPOSITORY], /named twice/],
  [['--optional', REPOSITORY], /named twice/],
  [['--version', 'v1.0.0'], /semantic version, found "v1.0.0"/],
  [['--version', '1.0'], /semantic version, found "1.0"/],
  [['--channel', 'latest'], /a name of releases/],
  [['--channel', 'a b'], /holds " "/],
  [['--commit', 'main'], /object name/],
  [['--artifacts', 'no-such-folder'], /no-such-folder cannot be read/],
  [['--comit', 'x'], /did you mean --commit/],
]

for (const [words, message] of publish) {
  test(`publish ${words.join(' ')}`, async (scene) => {
    const given = publishWords(scene.image, '1.0.0', [REPOSITORY])
    await refused([...given.filter((word) => word !== '--json'), ...words], message)
  })
}

// A variable of the shell that is not set must not mean everything, or the folder one stands in.
for (const words of [
  ['drift', 'a', 'b', '--ignore', ''],
  ['verify', 'a', '--artifacts', ''],
  ['verify', 'a', '--artifacts', '.', '--path', ''],
  ['publish', '--plan', ''],
  ['publish', '--journal='],
  ['publish', '--receipt', ''],
  ['publish', '--git', '', '--git-tag', ''],
  ['registry', '--root', ''],
  ['status', '1.0.0', '--config', ''],
  ['status', '1.0.0', '--ca-file', ''],
]) {
  test(`waybill ${words.map((word) => (word === '' ? '""' : word)).join(' ')}`, () =>
    refused(words, /expected [a-z].*, found nothing/))
}

test('a time that no timer can wait is refused', () =>
  refused(['status', '1.0.0', '--to', REPOSITORY, '--timeout', '597h'], /at most 596h/))

for (const option of ['--plan', '--ca-file']) {
  test(`a folder given as ${option}`, async (scene) => {
    const words = ['publish', scene.image.layout, '--artifacts', scene.image.artifacts, '--yes']
    const plan = option === '--plan' ? [] : ['--version', '1.0.0', '--to', REPOSITORY]
    await refused([...words, ...plan, option, '.'], /ERR_NOT_A_FILE/)
  })
}

test.run()
