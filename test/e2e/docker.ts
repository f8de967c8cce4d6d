// The released image as other tools see it: two real registries, a Docker engine that runs it, skopeo and umoci that read it.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ROOT, run, waybill } from '../helpers/cli.ts'
import { startDockerRegistry } from '../helpers/docker-registry.ts'
import { testWith } from '../helpers/needs.ts'
import { digestOfTag, type RegistryProcess } from '../helpers/registry-process.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const DOCKER = '/usr/bin/docker'
const TAGS = ['1.0.0', '1.0', '1', 'latest']

const test = suite('released image')
const registries: RegistryProcess[] = []
const state = temporaryFolder('docker')
const at = (place: number, tag = '1.0.0'): string =>
  `${registries[place]!.address}/acme/hello:${tag}`

async function ok(file: string, ...args: readonly string[]): Promise<string> {
  const result = await run(file, args)
  assert.is(result.code, 0, `${file} ${args.join(' ')}\n${result.stdout}${result.stderr}`)
  return result.stdout.trim()
}

testWith(
  test,
  ['apt', 'zig', 'docker-registry'],
  'goes to two real registries as one digest under every tag',
  async () => {
    registries.push(await startDockerRegistry(), await startDockerRegistry())
    const to = registries.flatMap(({ address }) => ['--to', `${address}/acme/hello`])
    const result = await run(process.execPath, [
      join(ROOT, 'scripts/dist/rehearse.js'),
      '--state',
      state,
      ...to,
      '--json',
    ])
    assert.is(result.code, 0, result.stderr + result.stdout)
    const digests = await Promise.all(
      registries.flatMap(({ address }) =>
        TAGS.map((tag) => digestOfTag(address, 'acme/hello', tag)),
      ),
    )
    assert.equal([...new Set(digests)], [result.json()['subject']])
  },
)

testWith(
  test,
  ['apt', 'zig', 'docker-registry', 'docker'],
  'answers HTTP on base-nossl, not as root, without arguments',
  async () => {
    const port = 8080
    const id = await ok(DOCKER, 'run', '--detach', '--network=host', at(0))
    try {
      const answer = await patiently(() =>
        fetch(`http://127.0.0.1:${port}/`).then((response) => response.text()),
      )
      assert.is(answer, 'hello 1.0.0\n')
      assert.match(
        await ok(DOCKER, 'inspect', '--format', '{{.Config.User}}', id),
        /^(65532|nonroot)$/,
      )
      const started = performance.now()
      await ok(DOCKER, 'stop', '--time', '30', id)
      assert.is(
        await ok(DOCKER, 'inspect', '--format', '{{.State.ExitCode}}', id),
        '0',
        `stopped after ${performance.now() - started} ms`,
      )
    } finally {
      await run(DOCKER, ['rm', '--force', id])
    }
    assert.is(
      await ok(DOCKER, 'run', '--rm', '--network=host', at(1, 'latest'), '--version'),
      'hello 1.0.0',
    )
  },
)

testWith(
  test,
  ['apt', 'zig', 'docker-registry', 'skopeo', 'umoci'],
  'is copied by skopeo and unpacked by umoci, and the file in it is the released one',
  async () => {
    const layout = join(temporaryFolder('skopeo'), 'layout')
    await ok(
      'skopeo',
      'copy',
      '--quiet',
      '--all',
      '--src-tls-verify=false',
      `docker://${at(0)}`,
      `oci:${layout}:1.0.0`,
    )
    const report = await waybill(['verify', layout, '--artifacts', join(state, 'dist'), '--json'])
    assert.is(report.code, 0, report.stdout)
    const checked = report.json()['checked'] as {
      platform: string
      image: string
      released: string
    }[]
    assert.equal(checked.map(({ platform }) => platform).toSorted(), ['linux/amd64', 'linux/arm64'])
    for (const { image, released } of checked) assert.is(image, released)

    const single = join(temporaryFolder('umoci'), 'layout')
    await ok(
      'skopeo',
      'copy',
      '--quiet',
      '--src-tls-verify=false',
      `docker://${at(1)}`,
      `oci:${single}:1.0.0`,
    )
    const bundle = join(temporaryFolder('umoci'), 'bundle')
    await ok('umoci', 'unpack', '--rootless', '--image', `${single}:1.0.0`, bundle)
    const unpacked = join(bundle, 'rootfs/usr/local/bin/hello')
    assert.equal(readFileSync(unpacked), readFileSync(join(state, 'dist/linux-amd64/hello')))
    assert.is(statSync(unpacked).mode & 0o777, 0o755)
  },
)

test.after(async () => {
  await Promise.all(registries.map((registry) => registry.stop()))
})

async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries > 100) throw error
      await sleep(100)
    }
  }
}

test.run()
