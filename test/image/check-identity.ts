import type { TarInput } from '@waybill/archive'
import {
  type WaybillError,
  collect,
  describe,
  type Artifact,
  type Content,
  type Finding,
  type IdentityCheck,
  type Report,
} from '@waybill/core'
import { createMemory, loadContent, readImages } from '@waybill/oci'
import { checkIdentity } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  binaryArtifact,
  contentOf,
  file,
  hostileTar,
  program,
  pushImage,
  rootfs,
  type TestImage,
} from '../helpers/images.ts'
import { rejects } from '../helpers/rejects.ts'
import { errors, releaseHello } from '../helpers/released-hello.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('checkIdentity')
const { out, amd64, arm64, released, good } = await releaseHello()
const PATH = '/usr/bin/hello'

const whiteout = (path: string): TarInput => ({ path, type: 'file' })

/** Checks an image whose linux/arm64 is good and whose linux/amd64 has the given layers. */
const check = async (
  layers: TestImage['layers'],
  artifacts: readonly Artifact[] = released,
): Promise<Report<IdentityCheck>> => {
  const content = await contentOf([{ platform: 'linux/amd64', layers }, good])
  return checkIdentity(content, artifacts, { out, path: PATH })
}

const only = (report: Report): Finding => {
  assert.is(errors(report).length, 1, JSON.stringify(report.findings))
  assert.is(report.ok, false)
  return report.findings.find(({ level }) => level === 'error')!
}

test('reads one layer of each platform and no more', async () => {
  const content = await contentOf([
    { platform: 'linux/amd64', layers: [rootfs, [file(amd64)]] },
    good,
  ])
  const read: string[] = []
  const watched: Content = {
    ...content,
    blobs: content.blobs.map((blob) => ({ ...blob, origins: ['registry.example/hello'] })),
    read(descriptor) {
      if (descriptor.mediaType.includes('layer')) read.push(descriptor.digest)
      return content.read(descriptor)
    },
  }
  assert.ok((await checkIdentity(watched, released, { out, path: PATH })).ok)
  assert.is(read.length, 2)
  assert.is(new Set(read).size, 2)
})

test('finds one flipped bit', async () => {
  const flipped = Buffer.from(amd64)
  flipped[flipped.byteLength - 1]! ^= 1
  const finding = only(await check([rootfs, [file(flipped)]]))
  assert.is(finding.code, 'not-identical')
  assert.match(finding.message, /linux\/amd64: \/usr\/bin\/hello is sha256:.*expected sha256:/)
})

test('finds swapped architectures', async () => {
  const report = await check([rootfs, [file(arm64)]])
  assert.is(only(report).code, 'wrong-architecture')
  assert.match(only(report).message, /for linux\/arm64/)
})

test('finds a platform that is missing in the image', async () => {
  const report = await checkIdentity(await contentOf([good]), released, { out, path: PATH })
  assert.is(only(report).code, 'platform-missing')
})

test('finds a platform that nothing was released for', async () => {
  const riscv: TestImage = {
    platform: 'linux/riscv64',
    layers: [rootfs, [file(program('riscv64'))]],
  }
  const content = await contentOf([
    { platform: 'linux/amd64', layers: [[file(amd64)]] },
    good,
    riscv,
  ])
  const report = await checkIdentity(content, released, { out, path: PATH })
  assert.is(only(report).code, 'platform-not-released')
})

test('finds a link at the path, whatever it points at', async () => {
  const link: TarInput = { path: 'usr/bin/hello', type: 'symlink', linkname: 'real' }
  const report = await check([rootfs, [file(amd64, 'usr/bin/real'), link]])
  assert.is(only(report).code, 'link-at-path')
  const hard: TarInput = { path: 'usr/bin/hello', type: 'hardlink', linkname: 'usr/bin/real' }
  assert.is(only(await check([rootfs, [file(amd64, 'usr/bin/real'), hard]])).code, 'link-at-path')
})

test('finds a file hidden by a later layer: removed, its folder emptied, written over, its folder led elsewhere', async () => {
  const cases: Readonly<Record<string, readonly TarInput[]>> = {
    removed: [whiteout('usr/bin/.wh.hello')],
    'its folder removed': [whiteout('usr/.wh.bin')],
    emptied: [whiteout('usr/bin/.wh..wh..opq')],
    'written over': [file(program('amd64', 'other'))],
    'through a link': [file(program('amd64', 'other'), 'bin/hello')],
  }
  for (const [name, layer] of Object.entries(cases)) {
    const finding = only(await check([rootfs, [file(amd64)], layer]))
    assert.is(finding.code, 'file-hidden', name)
    assert.match(finding.message, /layer 3 of 3 \(sha256:/, name)
  }
  const elsewhere: readonly TarInput[] = [
    { path: 'opt', type: 'directory' },
    file(program('amd64', 'other'), 'opt/hello'),
    { path: 'usr/bin', type: 'symlink', linkname: '../opt' },
  ]
  assert.is(only(await check([rootfs, [file(amd64)], elsewhere])).code, 'file-hidden')
})

test('refuses layers that make a folder of the file, or take back what they brought', async () => {
  const below: Readonly<Record<string, TestImage['layers']>> = {
    'a file below it': [rootfs, [file(amd64)], [file(Buffer.from('x'), 'usr/bin/hello/x')]],
    'a folder far below it': [
      rootfs,
      [file(amd64)],
      [{ path: 'usr/bin/hello/a/b', type: 'directory' }],
    ],
    'in one layer': [rootfs, [file(amd64), file(Buffer.from('x'), 'usr/bin/hello/x')]],
    'its own whiteout': [rootfs, [file(amd64), whiteout('usr/bin/.wh.hello')]],
    "its folder's whiteout": [rootfs, [file(amd64), whiteout('usr/.wh.bin')]],
  }
  for (const [name, layers] of Object.entries(below)) {
    const error = await check(layers).then(
      (report) => ({ code: report.ok ? 'ok' : only(report).code, message: '' }),
      (thrown: WaybillError) => thrown,
    )
    assert.ok(['ERR_INVALID_LAYER', 'not-a-file'].includes(error.code), `${name}: ${error.code}`)
  }
})

test('takes a file in place of an emptied folder, in whatever order the layer says so', async () => {
  const opaque: TarInput = { path: 'usr/bin/.wh..wh..opq', type: 'file' }
  for (const layer of [
    [opaque, file(amd64)],
    [file(amd64), opaque],
  ]) {
    const report = await check([rootfs, [file(program('amd64', 'older'))], layer])
    assert.ok(report.ok, JSON.stringify(report.findings))
  }
})

test('resolves links in parent folders', async () => {
  const content = await contentOf([
    { platform: 'linux/amd64', layers: [rootfs, [file(amd64)], [file(Buffer.from('x'), 'etc/x')]] },
    good,
  ])
  const report = await checkIdentity(content, released, { out, path: '/bin/hello' })
  assert.ok(report.ok, JSON.stringify(report.findings))
})

test('finds a file that is missing, and a folder in its place', async () => {
  assert.is(only(await check([rootfs])).code, 'file-missing')
  const folder: TarInput = { path: 'usr/bin/hello', type: 'directory' }
  assert.is(only(await check([rootfs, [folder]])).code, 'not-a-file')
})

test('finds images whose configuration contradicts the index', async () => {
  const source = createMemory()
  const image = await pushImage(source, {
    platform: 'linux/amd64',
    layers: [rootfs, [file(amd64)]],
  })
  const other = await pushImage(source, good)
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      { ...image, platform: other.platform },
      { ...other, platform: image.platform },
    ],
  }
  const bytes = Buffer.from(JSON.stringify(index))
  const descriptor = describe(index.mediaType, bytes)
  await source.push(descriptor, async function* () {
    yield bytes
  })
  const content = await loadContent(source, descriptor)
  const codes = errors(await checkIdentity(content, released, { out, path: PATH }))
  assert.ok(codes.includes('platform-mismatch'), String(codes))
  assert.ok(codes.includes('wrong-architecture'), String(codes))
})

test('finds a layer whose bytes are not those of its digest, or of its diff id', async () => {
  const content = await contentOf([{ platform: 'linux/amd64', layers: [[file(amd64)]] }])
  const tampered: Content = {
    ...content,
    async *read(descriptor) {
      const bytes = Buffer.from(await collect(content.read(descriptor), 1e8, 'test'))
      if (descriptor.mediaType.includes('layer')) bytes[bytes.byteLength >> 1]! ^= 1
      yield bytes
    },
  }
  await rejects(checkIdentity(tampered, released, { out, path: PATH }), 'ERR_INVALID_LAYER')
})

test('damage of a layer names the layer, wherever it is met', async () => {
  const tar = await hostileTar([...rootfs, file(amd64)])
  const lead = await hostileTar([{ ...file(amd64), path: 'usr/++/hello' }])
  const far = await hostileTar([{ ...file(amd64), path: 'usr/bin/hello/++/x' }])
  for (const layer of [tar.subarray(0, tar.byteLength - 12_000), lead, far]) {
    const content = await contentOf([{ platform: 'linux/amd64', layers: [layer] }, good])
    const [image] = await readImages(content)
    const work = checkIdentity(content, released, { out, path: PATH })
    const { message } = await rejects(work, 'ERR_INVALID_LAYER')
    assert.match(message, image!.layers[0]!.descriptor.digest)
  }
})

/** A program for 32-bit ARM, whose header does not tell v6 from v7. */
function arm(text: string): Buffer {
  const bytes = program('amd64', text)
  bytes[4] = 1 // ELFCLASS32
  bytes.writeUInt16LE(40, 18) // EM_ARM
  return bytes
}

test('tells variants apart where the build knew them', async () => {
  const folder = temporaryFolder()
  const artifacts = [
    await binaryArtifact(folder, 'linux/arm/v6', arm('six')),
    await binaryArtifact(folder, 'linux/arm/v7', arm('seven')),
  ]
  const images = (six: string, seven: string): Promise<Content> =>
    contentOf([
      { platform: 'linux/arm/v6', layers: [[file(arm(six))]] },
      { platform: 'linux/arm/v7', layers: [[file(arm(seven))]] },
    ])
  const options = { out: folder, path: PATH }
  assert.ok((await checkIdentity(await images('six', 'seven'), artifacts, options)).ok)
  const swapped = await checkIdentity(await images('seven', 'six'), artifacts, options)
  assert.equal(errors(swapped), ['other-artifact', 'other-artifact'])
})

test.run()
