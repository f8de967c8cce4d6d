// Which program an image runs: as runc finds it, with a real engine as the judge.
import { spawnSync } from 'node:child_process'
import type { TarInput } from '@waybill/archive'
import { collect } from '@waybill/core'
import { readImages } from '@waybill/oci'
import { checkIdentity, entrypointPath, writeDockerArchive } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { binaryArtifact, contentOf, file } from '../helpers/images.ts'
import { testWith } from '../helpers/needs.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { tinyElf } from '../helpers/tiny-elf.ts'

const test = suite('entrypointPath')

/** A program that ends with a number of its own: it says which of several ran. */
function exiting(code: number): Buffer {
  const bytes = tinyElf('linux/amd64', 'x'.repeat(40))
  bytes.set([0xbf, code, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05], 120) // mov edi,code; mov eax,60; syscall
  return bytes
}

const one = exiting(11)
const two = exiting(22)
const link = (path: string, linkname: string): TarInput => ({ path, type: 'symlink', linkname })
const hard = (path: string, linkname: string): TarInput => ({ path, type: 'hardlink', linkname })
const folder = (path: string, mode = 0o755): TarInput => ({ path, type: 'directory', mode })
const plain = (path: string): TarInput => ({ ...file(one, path), mode: 0o644 })
const dull: TarInput = file(two, 'bin/other')

interface Case {
  readonly layers: readonly (readonly TarInput[])[]
  readonly config: Readonly<Record<string, unknown>>
  /** The path that is found, or what is said where none is. */
  readonly path: string | RegExp
  /** How a container of it ends; undefined: engines differ. */
  readonly ends?: number
}

const app = { Entrypoint: ['app'] }
const path = (value: string): Case['config'] => ({ ...app, Env: [`PATH=${value}`] })

const cases: Readonly<Record<string, Case>> = {
  'the default PATH, where Env has none': {
    layers: [[file(one, 'usr/local/bin/app'), file(two, 'bin/app')]],
    config: app,
    path: '/usr/local/bin/app',
    ends: 11,
  },
  'the default PATH in its order: sbin comes before bin': {
    layers: [[file(one, 'usr/bin/app'), file(two, 'usr/local/sbin/app')]],
    config: { ...app, Env: ['A=B'] },
    path: '/usr/local/sbin/app',
    ends: 22,
  },
  'the PATH of Env, in turn': {
    layers: [[file(one, 'opt/b/app'), file(two, 'opt/a/app'), file(two, 'usr/bin/app')]],
    config: path('/none:/opt/b:/opt/a'),
    path: '/opt/b/app',
    ends: 11,
  },
  'the last PATH of two': {
    layers: [[file(one, 'opt/b/app'), file(two, 'opt/a/app')]],
    config: { ...app, Env: ['PATH=/opt/a', 'PATH=/opt/b'] },
    path: '/opt/b/app',
    ends: 11,
  },
  'an empty PATH finds nothing': {
    layers: [[file(one, 'usr/bin/app')]],
    config: path(''),
    path: /PATH \(which is empty\)/,
    ends: 127,
  },
  'a program that only the command names': {
    layers: [[file(one, 'usr/bin/app')]],
    config: { Cmd: ['app', '--port', '1'] },
    path: '/usr/bin/app',
    ends: 11,
  },
  'a link to the program': {
    layers: [[file(one, 'opt/app-1.0/run'), link('usr/bin/app', '../../opt/app-1.0/run')]],
    config: app,
    path: '/opt/app-1.0/run',
    ends: 11,
  },
  'an absolute link, which starts at the root of the image': {
    layers: [[file(one, 'opt/run'), link('usr/bin/app', '/opt/run')]],
    config: app,
    path: '/opt/run',
    ends: 11,
  },
  'a folder of PATH that is a link': {
    layers: [[link('bin', 'usr/bin'), file(one, 'usr/bin/app')]],
    config: path('/bin'),
    path: '/usr/bin/app',
    ends: 11,
  },
  'a hard link': {
    layers: [[file(one, 'opt/run'), hard('usr/bin/app', 'opt/run')]],
    config: app,
    path: '/usr/bin/app',
    ends: 11,
  },
  'a link that leads nowhere is passed over': {
    layers: [[link('usr/local/bin/app', '/gone'), file(one, 'usr/bin/app')]],
    config: app,
    path: '/usr/bin/app',
    ends: 11,
  },
  'a link to itself is passed over': {
    layers: [[link('usr/local/bin/app', 'app'), file(one, 'usr/bin/app')]],
    config: app,
    path: '/usr/bin/app',
    ends: 11,
  },
  'a folder of that name is passed over': {
    layers: [[folder('usr/local/bin/app'), file(one, 'usr/bin/app')]],
    config: app,
    path: '/usr/bin/app',
    ends: 11,
  },
  'a file that nobody may run is passed over': {
    layers: [[plain('usr/local/bin/app'), file(one, 'usr/bin/app')]],
    config: app,
    path: '/usr/bin/app',
    ends: 11,
  },
  'a file that a later layer took away is passed over': {
    layers: [
      [file(two, 'usr/local/bin/app'), file(one, 'usr/bin/app')],
      [{ path: 'usr/local/bin/.wh.app', type: 'file' }],
    ],
    config: app,
    path: '/usr/bin/app',
    ends: 11,
  },
  'a later layer that puts another one in front of it': {
    layers: [[file(one, 'usr/bin/app')], [file(two, 'usr/local/bin/app')]],
    config: app,
    path: '/usr/local/bin/app',
    ends: 22,
  },
  'nothing of that name': {
    layers: [[dull]],
    config: app,
    path: /"app" is in no folder/,
    ends: 127,
  },
  'only the owner may run the first, and there is a second': {
    layers: [[{ ...file(one, 'usr/local/bin/app'), mode: 0o700 }, file(two, 'usr/bin/app')]],
    config: { ...app, User: '65532' },
    path: /not every user may run \/usr\/local\/bin\/app, so "app" may also be \/usr\/bin\/app/,
  },
  'only the owner may go into the folder of the first, and there is a second': {
    layers: [[folder('opt', 0o700), file(one, 'opt/app'), file(two, 'usr/bin/app')]],
    config: path('/opt:/usr/bin'),
    path: /not every user/,
  },
  'only the owner may run it, and there is no second': {
    layers: [[{ ...file(one, 'usr/bin/app'), mode: 0o700 }]],
    config: app,
    path: '/usr/bin/app',
    ends: 11,
  },
  'a path with a slash is seen from the working directory': {
    layers: [[file(one, 'srv/bin/app'), file(two, 'usr/bin/app')]],
    config: { Entrypoint: ['./bin/app'], WorkingDir: '/srv' },
    path: '/srv/bin/app',
    ends: 11,
  },
  'a path that leads upwards': {
    layers: [[file(one, 'usr/bin/app')]],
    config: { Entrypoint: ['../bin/app'], WorkingDir: '/usr/lib' },
    path: /leads upwards/,
  },
  'a relative folder of PATH': {
    layers: [[file(one, 'srv/bin/app'), file(two, 'usr/bin/app')]],
    config: { ...path('bin:/usr/bin'), WorkingDir: '/srv' },
    path: '/srv/bin/app',
  },
  'no entrypoint at all': { layers: [[dull]], config: {}, path: /has no entrypoint/ },
  'an empty word': { layers: [[dull]], config: { Entrypoint: [''] }, path: /is empty/ },
  'a PATH without "="': { layers: [[dull]], config: { ...app, Env: ['PATH'] }, path: /is empty/ },
}

const contentFor = ({ layers, config }: Case): ReturnType<typeof contentOf> =>
  contentOf([{ platform: 'linux/amd64', layers, config }])

for (const [name, one] of Object.entries(cases))
  test(name, async () => {
    const [image] = await readImages(await contentFor(one))
    const found = await entrypointPath(image!)
    if (typeof one.path === 'string') assert.is(found.path, one.path)
    else assert.match('reason' in found ? found.reason : JSON.stringify(found), one.path)
  })

test('without --path, identity is proved of the file that a bare word leads to', async () => {
  const out = temporaryFolder('entrypoint')
  const released = [await binaryArtifact(out, 'linux/amd64', one, 'app')]
  const layers = [[file(two, 'usr/local/bin/app'), file(one, 'usr/bin/app')]]
  const check = async (config: Case['config']): ReturnType<typeof checkIdentity> =>
    checkIdentity(await contentOf([{ platform: 'linux/amd64', layers, config }]), released, { out })
  const right = await check(path('/usr/bin:/usr/local/bin'))
  assert.ok(right.ok, JSON.stringify(right.findings))
  assert.is(right.checked[0]!.path, '/usr/bin/app')
  assert.is((await check(app)).ok, false)
  const error = await rejects(check(path('/sbin')), 'ERR_NO_PATH')
  assert.match(error.message, /"app" is in no folder of the image's PATH \(\/sbin\)/)
})

const DOCKER = '/usr/bin/docker'

testWith(test, ['docker'], 'a real engine runs the very same file', async () => {
  const judged = Object.entries(cases).filter(([, { ends }]) => ends !== undefined)
  for (const [index, [name, one]] of judged.entries()) {
    const content = await contentFor(one)
    const [image] = await readImages(content)
    const tag = `waybill-test-plan-path:${process.pid}-${index}`
    const bytes = await collect(writeDockerArchive(content, image!, { tag }), 1e8, 'archive')
    const loaded = spawnSync(DOCKER, ['load', '--quiet'], { input: bytes, encoding: 'utf8' })
    assert.is(loaded.status, 0, loaded.stderr)
    try {
      const ran = spawnSync(DOCKER, ['run', '--rm', '--network=none', tag], { encoding: 'utf8' })
      assert.is(ran.status, one.ends, `${name}: ${ran.stderr}`)
    } finally {
      spawnSync(DOCKER, ['rmi', '--force', tag])
    }
  }
})

test.run()
