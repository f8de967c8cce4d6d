import { execFileSync } from 'node:child_process'
import { createWriteStream, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gzip } from '@waybill/archive'
import { collect, type Descriptor, type WaybillError } from '@waybill/core'
import {
  createMemory,
  loadContent,
  openLayout,
  readFile,
  readImages,
  type Target,
} from '@waybill/oci'
import {
  assemble,
  readDockerArchive,
  writeDockerArchive,
  type ArchiveSource,
  type DockerArchiveOptions,
} from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { archiveOf, doc, tarOf, type Made } from '../helpers/docker-archives.ts'
import { binaryArtifact, contentOf, file, program, release, rootfs } from '../helpers/images.ts'
import { testWith } from '../helpers/needs.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('docker archive')

const pieces = (bytes: Uint8Array, size = 10_000): AsyncIterable<Uint8Array> =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
    })(),
  )

const good: Made = { layers: [rootfs, [file(program('amd64'))]] }

const read = (
  bytes: Uint8Array,
  options: DockerArchiveOptions = {},
  target: Target = createMemory(),
): Promise<Descriptor> => readDockerArchive(pieces(bytes), target, options)

const command = (script: string): ArchiveSource => ({ command: ['sh', '-c', script] })

const none = (): void => {}

function skopeo(...args: readonly string[]): void {
  execFileSync('skopeo', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

function docker(...args: readonly string[]): string {
  return execFileSync('/usr/bin/docker', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

test('becomes an OCI image, plain or compressed, by its first bytes', async () => {
  const bytes = await archiveOf(good)
  const target = createMemory()
  const descriptor = await read(bytes, { reference: 'x' }, target)
  assert.is((await target.resolve('x')).digest, descriptor.digest)
  const [image] = await readImages(await loadContent(target, descriptor))
  assert.equal(image!.platform, { os: 'linux', architecture: 'amd64' })
  assert.equal(Buffer.from(await readFile(image!, '/bin/hello')), program('amd64'))
  const zipped = await collect(gzip([bytes], { level: 1 }), 1e9, 'gz')
  assert.is((await read(zipped)).digest, descriptor.digest)
})

test('gives the same digest again, and writes no blob a second time', async () => {
  const bytes = await archiveOf(good)
  const layout = await openLayout(join(temporaryFolder(), 'x'), { create: true })
  const one = await read(bytes, {}, layout)
  let pushed = 0
  const counting: Target = {
    ...layout,
    push: (descriptor, open) =>
      layout.push(descriptor, () => {
        pushed++
        return open()
      }),
  }
  assert.is((await read(bytes, {}, counting)).digest, one.digest)
  assert.is(pushed, 0)
})

test('takes layers that are compressed already as they are', async () => {
  const target = createMemory()
  const descriptor = await read(await archiveOf({ ...good, compress: true }), {}, target)
  const [image] = await readImages(await loadContent(target, descriptor))
  assert.equal(Buffer.from(await readFile(image!, '/usr/bin/hello')), program('amd64'))
})

test('lays configuration over it, the call last, and sets every time', async () => {
  const target = createMemory()
  const descriptor = await read(
    await archiveOf({ ...good, config: {} }),
    {
      created: 1_760_000_000,
      config: {
        user: '1000',
        cmd: ['serve'],
        exposedPorts: ['80-81'],
        labels: { a: 'config', b: 'config' },
        stopSignal: 'SIGINT',
        volumes: ['/v'],
        workingDir: '/w',
      },
      labels: { b: 'call' },
    },
    target,
  )
  const [image] = await readImages(await loadContent(target, descriptor))
  assert.equal(image!.config.config, {
    Cmd: ['serve'],
    ExposedPorts: { '80/tcp': {}, '81/tcp': {} },
    Labels: { a: 'config', b: 'call' },
    StopSignal: 'SIGINT',
    User: '1000',
    Volumes: { '/v': {} },
    WorkingDir: '/w',
  })
  const times = [image!.config.created, ...image!.config.history.map(({ created }) => created)]
  assert.equal(new Set(times), new Set(['2025-10-09T08:53:20Z']))
})

test('brings nothing of a stream that was cut short', async () => {
  const bytes = await archiveOf(good)
  const folder = join(temporaryFolder(), 'x')
  const layout = await openLayout(folder, { create: true })
  for (const part of [0.1, 0.5, 0.9]) {
    const cut = bytes.subarray(0, Math.floor(bytes.byteLength * part))
    // Cut between two members it is a whole archive, one without its manifest.
    const error = await read(cut, {}, layout).catch((error: WaybillError) => error)
    assert.match('code' in error ? error.code : 'done', /^ERR_INVALID_(?:TAR|IMAGE)$/)
  }
  const early = await tarOf([{ path: 'x', type: 'file' }])
  await rejects(read(early, {}, layout), 'ERR_INVALID_IMAGE')
  assert.equal(readdirSync(folder).toSorted(), ['index.json', 'oci-layout'])
})

test('reports a producer that fails, with what it said, and brings nothing', async () => {
  const target = createMemory()
  const file = join(temporaryFolder(), 'archive.tar')
  writeFileSync(file, await archiveOf(good))
  const ok = await readDockerArchive(command(`cat ${file}`), target)
  assert.ok(await target.exists(ok))
  const empty = createMemory()
  const error = await rejects(
    readDockerArchive(command(`cat ${file}; echo broken store >&2; exit 3`), empty),
    'ERR_EXEC_FAILED',
  )
  assert.match(error.message + JSON.stringify(error.details), /broken store/)
  assert.is(await empty.exists(ok), false)
})

test('refuses a layer that is not what the configuration says', async () => {
  const bytes = Buffer.from(await archiveOf(good))
  const at = bytes.indexOf('ID=test')
  bytes[at] = 0x58
  const error = await rejects(read(bytes), 'ERR_DIGEST_MISMATCH')
  assert.match(error.message, /0\/layer\.tar: expected sha256:.*found sha256:/)
})

test('refuses an architecture that the program in it does not have', async () => {
  const error = await rejects(
    read(await archiveOf({ ...good, architecture: 'arm64' })),
    'ERR_WRONG_PLATFORM',
  )
  assert.match(error.message, /says linux\/arm64, but \/usr\/bin\/hello in it is for linux\/amd64/)
})

test('counts layers: warns near the limit, refuses above it', async () => {
  const layers = Array.from({ length: 122 }, (_, index) => [
    file(Buffer.from(String(index)), `f${index}`),
  ])
  const warnings: string[] = []
  const logger = {
    debug: none,
    info: none,
    error: none,
    warn: (text: string) => warnings.push(text),
  }
  const bytes = await archiveOf({ layers })
  await read(bytes, { logger: logger as never })
  assert.match(warnings[0]!, /122 layers/)
  await rejects(read(bytes, { maxLayers: 100 }), 'ERR_TOO_MANY_LAYERS')
})

test('wants a tag where there are several images', async () => {
  const config = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } }
  const bytes = await tarOf([
    doc('c.json', config),
    doc(
      'manifest.json',
      ['a:1', 'b:1'].map((tag) => ({ Config: 'c.json', RepoTags: [tag], Layers: [] })),
    ),
  ])
  await rejects(read(bytes), 'ERR_AMBIGUOUS_REFERENCE')
  await rejects(read(bytes, { tag: 'c:1' }), 'ERR_NOT_FOUND')
  await read(bytes, { tag: 'b:1' })
})

testWith(test, ['skopeo'], 'is exchanged with skopeo in both directions', async () => {
  const folder = temporaryFolder()
  const content = await contentOf([{ platform: 'linux/amd64', layers: good.layers }])
  const [image] = await readImages(content)
  const ours = join(folder, 'ours.tar')
  await pipeline(
    writeDockerArchive(content, image!, { tag: 'acme/hello:1' }),
    createWriteStream(ours),
  )
  skopeo('copy', `docker-archive:${ours}:acme/hello:1`, `oci:${join(folder, 'theirs')}:x`)
  const theirs = await openLayout(join(folder, 'theirs'))
  const [copied] = await readImages(await loadContent(theirs, await theirs.resolve('x')))
  assert.equal(copied!.config.rootfs.diff_ids, image!.config.rootfs.diff_ids)
  const packed = join(folder, 'packed.tar')
  skopeo('copy', `oci:${join(folder, 'theirs')}:x`, `docker-archive:${packed}:acme/hello:2`)
  const target = createMemory()
  const descriptor = await readDockerArchive(packed, target)
  const [back] = await readImages(await loadContent(target, descriptor))
  assert.equal(back!.config.rootfs.diff_ids, image!.config.rootfs.diff_ids)
})

testWith(test, ['docker'], 'is loaded and run by docker, as a user without rights', async () => {
  const out = temporaryFolder()
  const binaries = [await binaryArtifact(out, 'linux/amd64', program('amd64'))]
  const image = await assemble(release, binaries, {
    base: 'scratch',
    path: '/opt/deep/er/hello',
    out,
    config: { user: '65532:65532' },
  })
  const [amd64] = await readImages(image.content)
  const archive = join(out, 'image.tar')
  const tag = `waybill-test/hello:${process.pid}`
  await pipeline(writeDockerArchive(image.content, amd64!, { tag }), createWriteStream(archive))
  docker('load', '--quiet', '--input', archive)
  try {
    assert.is(docker('inspect', '--format', '{{.Config.User}}', tag).trim(), '65532:65532')
    docker('run', '--rm', '--network', 'none', tag) // exits with 0, or throws
  } finally {
    docker('rmi', '--force', tag)
  }
})

test.run()
