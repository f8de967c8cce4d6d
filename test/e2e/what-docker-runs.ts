// Docker as the judge: of every image that the proof lets pass, a Docker engine that pulls it by its tag starts the released bytes.
import { createHash } from 'node:crypto'
import { execFile } from 'node:child_process'
import { type TarInput, readTar } from '@waybill/archive'
import { digestOf, isWaybillError, type Descriptor } from '@waybill/core'
import { loadContent, mediaTypes, type Target } from '@waybill/oci'
import { checkIdentity } from '@waybill/image'
import { repository } from '@waybill/registry'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { run } from '../helpers/cli.ts'
import { startDockerRegistry } from '../helpers/docker-registry.ts'
import { binaryArtifact, file } from '../helpers/images.ts'
import { AMD64, EVIL, GOOD, PATH, evil, good, out, released } from '../helpers/judged.ts'
import { testWith } from '../helpers/needs.ts'
import { attests, pushEntries, pushOdd, type OddImage } from '../helpers/odd-images.ts'
import type { RegistryProcess } from '../helpers/registry-process.ts'
import { tinyElf } from '../helpers/tiny-elf.ts'

const test = suite('what docker runs')
const DOCKER = '/usr/bin/docker'
const NOWHERE = { platform: { os: 'unknown', architecture: 'unknown' } }

type Make = (target: Target) => Promise<Descriptor>

/** An index of the evil image as it is given, and of the released one, in both orders. */
const beside = (odd: OddImage, entry: object = AMD64): readonly Make[] =>
  [0, 1].map((place) => async (target: Target) => {
    const other = { ...(await pushOdd(target, good)), ...AMD64 }
    const image = { ...(await pushOdd(target, odd)), ...entry }
    return pushEntries(target, place === 0 ? [image, other] : [other, image])
  })

const folder = (path: string): TarInput => ({ path, type: 'directory', mode: 0o755 })
const below = [folder('usr'), folder('usr/bin'), file(GOOD), folder('opt'), file(EVIL, 'opt/hello')]

const cases: Readonly<Record<string, readonly Make[]>> = {
  released: beside(good),
  octets: beside({ ...evil, configType: 'application/octet-stream' }),
  json: beside({ ...evil, configType: 'application/json' }),
  vendor: beside({ ...evil, configType: 'application/vnd.acme.config.v1+json' }),
  statement: beside({ ...evil, configType: 'application/vnd.in-toto+json' }),
  schema2: beside({
    ...evil,
    manifestType: mediaTypes.dockerManifest,
    configType: mediaTypes.dockerConfig,
    layerType: mediaTypes.dockerLayerGzip,
  }),
  anywhere: beside({ ...evil, configType: 'application/octet-stream' }, {}),
  nowhere: beside(evil, NOWHERE),
  // A platform in capitals ends the engine (20.10) with a panic, so only the proof is asked about those: image/index-entries.
  swapped: beside({ ...evil, config: { architecture: 'arm64' } }),
  levels: beside(evil, { platform: { os: 'linux', architecture: 'amd64', variant: 'v2' } }),
  nested: [
    async (target) =>
      pushEntries(target, [
        { ...(await pushEntries(target, [await pushOdd(target, evil)])), ...AMD64 },
        { ...(await pushOdd(target, good)), ...AMD64 },
      ]),
  ],
  attested: [
    async (target) => {
      const image = { ...(await pushOdd(target, good)), ...AMD64 }
      const layerType = 'application/vnd.in-toto+json'
      const config = { os: 'unknown', architecture: 'unknown' }
      const statement = await pushOdd(target, { layers: [[]], layerType, config })
      return pushEntries(target, [{ ...statement, ...attests(image) }, image])
    },
  ],
  layer: beside({ ...evil, layerType: 'application/octet-stream' }),
  single: [(target) => pushOdd(target, { ...evil, configType: 'application/octet-stream' })],
  list: [
    async (target) => {
      const image = await pushOdd(target, {
        ...good,
        manifestType: mediaTypes.dockerManifest,
        configType: mediaTypes.dockerConfig,
        layerType: mediaTypes.dockerLayerGzip,
      })
      return pushEntries(target, [{ ...image, ...AMD64 }], mediaTypes.dockerIndex)
    },
  ],
}

const registries: RegistryProcess[] = []
test.after(async () => {
  for (const one of registries) await one.stop()
})

/** Whether the proof lets an image pass. */
async function passes(target: Target, subject: Descriptor): Promise<boolean> {
  try {
    const content = await loadContent(target, subject)
    return (await checkIdentity(content, released, { out, path: PATH })).ok
  } catch (error) {
    if (isWaybillError(error)) return false
    throw error
  }
}

/** The digest of the file in a container of an image; undefined where the engine makes none. */
async function inDocker(reference: string): Promise<string | undefined> {
  const made = await run(DOCKER, [
    'create',
    '--pull',
    'always',
    '--platform',
    'linux/amd64',
    reference,
  ])
  const id = made.stdout.trim().split('\n').at(-1)
  if (made.code !== 0) return undefined
  try {
    const tar = await new Promise<Buffer | undefined>((done) =>
      execFile(
        DOCKER,
        ['cp', `${id}:${PATH}`, '-'],
        { encoding: 'buffer', maxBuffer: 1 << 28 },
        (error, stdout) => done(error === null ? stdout : undefined),
      ),
    )
    if (tar === undefined) return undefined
    for await (const { content } of readTar([tar])) {
      const hash = createHash('sha256')
      for await (const chunk of content) hash.update(chunk)
      return `sha256:${hash.digest('hex')}`
    }
    return undefined
  } finally {
    await run(DOCKER, ['rm', '--force', id!])
    await run(DOCKER, ['rmi', '--force', reference])
  }
}

testWith(
  test,
  ['docker', 'docker-registry'],
  'starts the released bytes of every image that passes, and others of some that do not',
  async () => {
    const registry = await startDockerRegistry()
    registries.push(registry)
    const seen: string[] = []
    for (const [name, makes] of Object.entries(cases))
      for (const [place, make] of makes.entries()) {
        const tag = `${name}-${place}`
        const reference = `${registry.address}/proof/runs:${tag}`
        const target = repository(reference)
        const subject = await make(target)
        await target.tag(subject, tag)
        const isLetPass = await passes(target, subject)
        const runs = await inDocker(reference)
        seen.push(
          `${tag} ${isLetPass} ${runs === undefined ? 'nothing' : runs === digestOf(GOOD) ? 'released' : 'EVIL'}`,
        )
        if (isLetPass) assert.ok([digestOf(GOOD), undefined].includes(runs as never), seen.at(-1))
      }
    const passed = seen.filter((line) => line.includes(' true '))
    assert.equal(passed, [
      'released-0 true released',
      'released-1 true released',
      'attested-0 true released',
      'list-0 true released',
    ])
    // What this is for: the engine does run what is not understood.
    for (const name of ['octets-0', 'json-0', 'schema2-0', 'single-0'])
      assert.ok(seen.includes(`${name} false EVIL`), `${name}: ${seen.join('; ')}`)
  },
)

testWith(
  test,
  ['docker', 'docker-registry'],
  'an attribute that the overlay file system obeys leads the engine elsewhere, and is refused',
  async () => {
    const registry = await startDockerRegistry()
    registries.push(registry)
    const reference = `${registry.address}/proof/overlay:1`
    const target = repository(reference)
    const lead = withAttribute('usr/bin', 'trusted.overlay.redirect', '/opt')
    const subject = await pushOdd(target, { layers: [below, [folder('usr')]], tars: { 1: lead } })
    await target.tag(subject, '1')
    assert.is(await passes(target, subject), false)
    const runs = await inDocker(reference)
    if (runs !== undefined) assert.ok([digestOf(GOOD), digestOf(EVIL)].includes(runs as never))
  },
)

/** A program that ends with a code of its own: push code; pop rdi; mov eax, 60; syscall. */
function ending(code: number): Buffer {
  const bytes = tinyElf('linux/amd64', String(code), 4096)
  Buffer.from([0x6a, code, 0x5f, 0xb8, 60, 0, 0, 0, 0x0f, 0x05]).copy(bytes, 120)
  return bytes
}

const PROVED = 7
const OTHER = 9
const starts: readonly (readonly [isProved: boolean, config: Readonly<Record<string, unknown>>])[] =
  [
    [true, { Entrypoint: [PATH] }],
    [true, { Cmd: [PATH] }],
    [true, { Entrypoint: ['hello'] }],
    [true, { Entrypoint: ['hello'], Env: ['PATH=/nowhere:/opt/data:/usr/bin'] }],
    [true, { Entrypoint: ['./hello'], WorkingDir: '/usr/bin' }],
    [true, { Entrypoint: ['bin/hello'], WorkingDir: '/usr' }],
    [true, { Entrypoint: ['../bin/hello'], WorkingDir: '/usr/local' }],
    [true, { Entrypoint: ['/alias'] }],
    [true, { Entrypoint: ['alias'], Env: ['PATH=/'] }],
    [false, { Entrypoint: ['hello'], Env: ['PATH=/opt:/usr/bin'] }],
    [false, { Entrypoint: ['hello'], WorkingDir: '/opt', Env: ['PATH=.:/usr/bin'] }],
    [false, { Entrypoint: ['/opt/hello', PATH] }],
    [false, { Entrypoint: ['./hello'], WorkingDir: '/opt' }],
    [false, { Entrypoint: ['/opt/sh', '-c', PATH] }],
    [false, { Entrypoint: ['/evil'] }],
    [false, { Entrypoint: ['/nobody'] }],
    [false, { Entrypoint: ['hello'], Env: ['PATH=/nowhere'] }],
  ]

testWith(
  test,
  ['docker', 'docker-registry'],
  'starts the proved file where nothing is found, and something else where something is',
  async () => {
    const registry = await startDockerRegistry()
    registries.push(registry)
    const [own, other] = [ending(PROVED), ending(OTHER)]
    const artifacts = [await binaryArtifact(out, 'linux/amd64', own, 'ending')]
    const layer = [
      ...['usr', 'usr/bin', 'usr/local', 'opt', 'opt/data', 'opt/data/hello', 'tmp'].map(folder),
      file(own),
      file(other, 'opt/hello'),
      file(other, 'opt/sh'),
      { path: 'alias', type: 'symlink', linkname: 'usr/bin/hello' } as const,
      { path: 'evil', type: 'symlink', linkname: '/opt/hello' } as const,
    ]
    for (const [place, [isProved, config]] of starts.entries()) {
      const reference = `${registry.address}/proof/starts:${place}`
      const target = repository(reference)
      const subject = await pushOdd(target, { layers: [layer], config: { config } })
      await target.tag(subject, String(place))
      const content = await loadContent(target, subject)
      const report = await checkIdentity(content, artifacts, { out, path: PATH, strict: true })
      const { code } = await run(DOCKER, ['run', '--rm', '--network', 'none', reference])
      await run(DOCKER, ['rmi', '--force', reference])
      const what = `${JSON.stringify(config)}: ${JSON.stringify(report.findings)}, ended with ${code}`
      assert.is(report.ok, isProved, what)
      assert.is(code === PROVED, isProved, what)
    }
  },
)

/** A layer of one folder with an extended attribute. */
function withAttribute(path: string, name: string, value: string): Buffer {
  const text = `SCHILY.xattr.${name}=${value}\n`
  const length = text.length + 3
  const record = Buffer.from(`${length} ${text}`)
  return Buffer.concat([
    header('x', 'PaxHeader', record.byteLength),
    pad(record),
    header('5', path, 0),
    Buffer.alloc(1024),
  ])
}

const pad = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((512 - (bytes.byteLength % 512)) % 512)])

function header(flag: string, path: string, size: number): Buffer {
  const block = Buffer.alloc(512)
  block.write(path, 0)
  block.write('0000755\0', 100)
  block.write('0000000\0', 108)
  block.write('0000000\0', 116)
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  block.write('00000000000\0', 136)
  block.write(' '.repeat(8), 148)
  block.write(flag, 156)
  block.write('ustar\x0000', 257)
  block.write(
    `${block
      .reduce((all, byte) => all + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  )
  return block
}

test.run()
