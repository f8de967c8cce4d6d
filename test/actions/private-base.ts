// The inputs of `image` beside a private base: none of them takes the user's credentials away.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry, type TestRegistry } from '@waybill/testkit'
import { createJob } from '../helpers/action.ts'
import { waybill } from '../helpers/cli.ts'
import { COMMIT, createReleasedImage, type ReleasedImage } from '../helpers/released-image.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

interface Given {
  image: ReleasedImage
  registry: TestRegistry
  homes: Readonly<Record<'file' | 'helper', Record<string, string>>>
}

const test = suite<Given>('image action beside a private base')
const USER = { name: 'one', password: 'correct-horse' }

test.before(async (given) => {
  given.image = await createReleasedImage()
  given.registry = await startRegistry({ auth: { users: { [USER.name]: USER.password } } })
  const { address } = given.registry
  given.homes = { file: fileHome(address), helper: helperHome() }
  const to = ['--to', `${address}/base`, '--version', '1.0.0', '--waive-identity', 'a base']
  const journal = ['--journal', temporaryFolder('journal'), '--yes']
  const made = await waybill(['publish', given.image.layout, ...to, ...journal], {
    env: given.homes.file,
  })
  assert.is(made.code, 0, made.stderr)
})
test.after(({ registry }) => registry.close())

function fileHome(address: string): Record<string, string> {
  const folder = temporaryFolder('docker-config')
  const auth = Buffer.from(`${USER.name}:${USER.password}`).toString('base64')
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [address]: { auth } } }))
  return { DOCKER_CONFIG: folder }
}

function helperHome(): Record<string, string> {
  const folder = temporaryFolder('docker-helper')
  mkdirSync(join(folder, 'bin'))
  const helper = join(folder, 'bin', 'docker-credential-mine')
  const answer = JSON.stringify({ Username: USER.name, Secret: USER.password })
  writeFileSync(helper, `#!/bin/sh\ncat >/dev/null\necho '${answer}'\n`)
  chmodSync(helper, 0o755)
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ credsStore: 'mine' }))
  return { DOCKER_CONFIG: folder, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` }
}

const TRIED: Readonly<Record<string, string>> = {
  env: 'A=B\nHOME=/nowhere\nPATH=/nowhere\nDOCKER_CONFIG=/nowhere\nhttps_proxy=http://127.0.0.1:1',
  labels: 'a=b',
  ports: '8080',
  user: '65532',
  version: '1.0.0',
  commit: COMMIT,
  created: '@1700000000',
  entrypoint: '["/app2"]',
  cmd: '["--serve"]',
  workdir: '/data',
  'stop-signal': 'SIGINT',
  out: 'dist/other',
  'plain-http': 'registry.example',
}

for (const home of ['file', 'helper'] as const)
  for (const [input, value] of Object.entries(TRIED))
    test(`input ${input}, credentials in a ${home}`, async ({ image, registry, homes }) => {
      const step = await createJob(temporaryFolder('workspace'), homes[home]).step('image', {
        binaries: `linux/amd64=${join(image.artifacts, 'app-amd64')}`,
        base: `${registry.address}/base:1.0.0`,
        path: '/app2',
        [input]: value,
      })
      assert.is(step.code, 0, step.log)
      assert.match(step.outputs['digest']!, /^sha256:/)
    })

test('without credentials the base is refused', async ({ image, registry }) => {
  const env = { DOCKER_CONFIG: temporaryFolder('none') }
  const step = await createJob(temporaryFolder('workspace'), env).step('image', {
    binaries: `linux/amd64=${join(image.artifacts, 'app-amd64')}`,
    base: `${registry.address}/base:1.0.0`,
    path: '/app2',
    env: 'A=B',
  })
  assert.is(step.code, 1)
  assert.match(step.log, /ERR_UNAUTHORIZED/)
})

test.run()
