// Each way in which an image can differ from what was released has a reason of its own, as people see it: exit 1, a Report, from a layout and from a registry.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TarInput } from '@waybill/archive'
import type { Content, Finding } from '@waybill/core'
import { writeLayout } from '@waybill/oci'
import { destination } from '@waybill/registry'
import { startRegistry, type TestRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { waybill } from '../helpers/cli.ts'
import { contentOf, file, program, rootfs, type TestImage } from '../helpers/images.ts'
import { testWith } from '../helpers/needs.ts'
import { wholeAndStripped } from '../helpers/stripped.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

interface Scene {
  readonly registry: TestRegistry
}

const test = suite<Scene>('waybill verify')
test.before(async (scene) => void Object.assign(scene, { registry: await startRegistry() }))
test.after(({ registry }) => registry.close())

const amd64 = program('amd64')
const arm64 = program('arm64')
const other = program('amd64', 'another')

/** Released files, each with its line in SHA256SUMS. */
function release(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = temporaryFolder('released')
  const lines = Object.entries(files).map(([name, bytes]) => {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), bytes)
    return `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`
  })
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''))
  return folder
}

const released = release({ 'amd64/hello': amd64, 'arm64/hello': arm64 })

interface Case {
  readonly images: readonly TestImage[]
  readonly artifacts?: string
  readonly more?: readonly string[]
  /** Does something to the layout after it was written. */
  readonly damage?: (folder: string) => void
  /** What is found, and what the message must say. */
  readonly code: string
  readonly message: RegExp
}

let count = 0

async function layoutOf(content: Content, damage?: Case['damage']): Promise<string> {
  const folder = join(temporaryFolder('verify'), 'layout')
  await writeLayout(content, folder)
  damage?.(folder)
  return folder
}

async function judge(image: string, given: Case): Promise<void> {
  const { artifacts = released, more = [], code, message } = given
  const words = ['verify', image, '--artifacts', artifacts, '--path', '/usr/bin/hello', ...more]
  const shown = await waybill([...words, '--json'])
  assert.is(shown.code, 1, shown.stdout + shown.stderr)
  const report = shown.json() as { schemaVersion: number; ok: boolean; findings: Finding[] }
  assert.is(report.schemaVersion, 1)
  assert.is(report.ok, false)
  const errors = report.findings.filter(({ level }) => level === 'error')
  assert.equal(
    errors.map((finding) => finding.code),
    [code],
    shown.stdout,
  )
  assert.match(errors[0]!.message, message)
  const text = await waybill(words)
  assert.is(text.code, 1)
  assert.match(text.stdout, `[${code}]`)
}

async function everywhere({ registry }: Scene, given: Case): Promise<void> {
  const content = await contentOf(given.images)
  await judge(await layoutOf(content, given.damage), given)
  if (given.damage !== undefined) return
  const name = `${registry.address}/acme/hello-${++count}`
  const to = destination(name)
  await to.put(content)
  await to.set('1.0.0', content.subject.digest, { kind: 'immutable', content })
  await judge(`${name}:1.0.0`, given)
}

const onAmd64 = (...layers: TestImage['layers']): readonly TestImage[] => [
  { platform: 'linux/amd64', layers },
  { platform: 'linux/arm64', layers: [rootfs, [file(arm64)]] },
]

const flipped = Buffer.from(amd64)
flipped[flipped.byteLength - 1]! ^= 1
const link: TarInput = { path: 'usr/bin/hello', type: 'symlink', linkname: 'real' }

const cases: Readonly<Record<string, Case>> = {
  'one flipped bit': {
    images: onAmd64(rootfs, [file(flipped)]),
    code: 'not-identical',
    message: /linux\/amd64: \/usr\/bin\/hello is sha256:.*expected sha256:/,
  },
  'a missing platform': {
    images: [{ platform: 'linux/amd64', layers: [rootfs, [file(amd64)]] }],
    code: 'platform-missing',
    message: /linux\/arm64/,
  },
  'a platform that was not released': {
    images: onAmd64(rootfs, [file(amd64)]),
    artifacts: release({ hello: amd64 }),
    code: 'platform-not-released',
    message: /linux\/arm64/,
  },
  'swapped architectures': {
    images: onAmd64(rootfs, [file(arm64)]),
    code: 'wrong-architecture',
    message: /linux\/amd64.*for linux\/arm64/,
  },
  'a link at the path': {
    images: onAmd64(rootfs, [file(amd64, 'usr/bin/real'), link]),
    code: 'link-at-path',
    message: /\/usr\/bin\/hello/,
  },
  'a file hidden by a later layer': {
    images: onAmd64(rootfs, [file(amd64)], [file(other)]),
    code: 'file-hidden',
    message: /layer 3 of 3 \(sha256:/,
  },
  'a file removed by a later layer': {
    images: onAmd64(rootfs, [file(amd64)], [{ path: 'usr/bin/.wh.hello', type: 'file' }]),
    code: 'file-hidden',
    message: /layer 3 of 3 \(sha256:/,
  },
  'nothing at the path': {
    images: onAmd64(rootfs),
    code: 'file-missing',
    message: /\/usr\/bin\/hello/,
  },
  'a base that was changed in the layout': {
    images: onAmd64(rootfs, [file(amd64)]),
    damage: flipLowest,
    code: 'damaged-content',
    message: /expected sha256:.*found sha256:/,
  },
  'a released file that is not what SHA256SUMS says': {
    images: onAmd64(rootfs, [file(amd64)]),
    artifacts: tampered(),
    code: 'checksum-mismatch',
    message: /hello/,
  },
}

for (const [name, given] of Object.entries(cases))
  test(`${name}: ${given.code}`, (scene) => everywhere(scene, given))

// One bit in the base's layer.
function flipLowest(folder: string): void {
  const blobs = join(folder, 'blobs/sha256')
  const { manifests } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
    manifests: { digest: string }[]
  }
  const read = (
    digest: string,
  ): { manifests?: { digest: string }[]; layers: { digest: string }[] } =>
    JSON.parse(readFileSync(join(blobs, digest.slice(7)), 'utf8')) as never
  const [image] = read(manifests[0]!.digest).manifests!
  const path = join(blobs, read(image!.digest).layers[0]!.digest.slice(7))
  const bytes = readFileSync(path)
  bytes[bytes.byteLength >> 1]! ^= 1
  writeFileSync(path, bytes)
}

function tampered(): string {
  const folder = release({ 'amd64/hello': other, 'arm64/hello': arm64 })
  writeFileSync(join(folder, 'amd64/hello'), amd64)
  return folder
}

testWith(test, ['go'], 'a stripped binary: stripped', async (scene) => {
  const { whole, stripped } = wholeAndStripped()
  await everywhere(scene, {
    images: [{ platform: 'linux/amd64', layers: [rootfs, [file(stripped)]] }],
    artifacts: release({ hello: whole }),
    code: 'stripped',
    message: /\/usr\/bin\/hello/,
  })
})

test('another base below, where --base says what it must be: base-differs', async () => {
  const base = async (layer: readonly TarInput[]): Promise<string> => {
    const both = ['linux/amd64', 'linux/arm64']
    return layoutOf(await contentOf(both.map((platform) => ({ platform, layers: [layer] }))))
  }
  const images = onAmd64(rootfs, [file(amd64)])
  const layout = await layoutOf(await contentOf(images))
  const words = ['verify', layout, '--artifacts', released, '--path', '/usr/bin/hello', '--json']
  const good = await waybill([...words, '--base', await base(rootfs)])
  assert.is(good.code, 0, good.stdout)
  const tampered = await base([...rootfs, file(Buffer.from('tampered'), 'etc/x')])
  const bad = await waybill([...words, '--base', tampered])
  assert.is(bad.code, 1)
  const { findings } = bad.json() as { findings: Finding[] }
  assert.equal([...new Set(findings.map(({ code }) => code))], ['base-differs'])
  assert.match(findings[0]!.message, /layer 1 is sha256:.*expected sha256:/)
})

test('several executables of one platform and no name to tell them apart: ERR_AMBIGUOUS_ARTIFACT', async () => {
  const images = [{ platform: 'linux/amd64', layers: [rootfs, [file(amd64)]] }]
  const layout = await layoutOf(await contentOf(images))
  const two = release({ one: amd64, two: other })
  const words = ['verify', layout, '--path', '/usr/bin/hello', '--json']
  const unclear = await waybill([...words, '--artifacts', two])
  assert.is(unclear.code, 1)
  const { error } = unclear.json() as { error: { code: string; message: string } }
  assert.is(error.code, 'ERR_AMBIGUOUS_ARTIFACT')
  assert.match(error.message, /one.*two/)
  const named = release({ hello: amd64, two: other })
  assert.is((await waybill([...words, '--artifacts', named])).code, 0)
  const equal = release({ one: amd64, two: amd64 })
  assert.is((await waybill([...words, '--artifacts', equal])).code, 0)
})

test('what is as it was released: exit 0, both digests of every platform, wherever it lies', async ({
  registry,
}) => {
  const content = await contentOf(onAmd64(rootfs, [file(amd64)]))
  const layout = await layoutOf(content)
  const name = `${registry.address}/acme/right`
  await destination(name).put(content)
  for (const image of [layout, `${name}@${content.subject.digest}`]) {
    const words = ['verify', image, '--artifacts', join(released, 'SHA256SUMS')]
    const at = ['--path', '/usr/bin/hello']
    const text = await waybill([...words, ...at])
    assert.match(
      text.stdout,
      /^platform +path +image +released +artifact\nlinux\/amd64 +\/usr\/bin\/hello +sha256:/,
    )
    const result = await waybill([...words, ...at, '--json'])
    assert.is(result.code, 0, result.stdout)
    const checked = result.json()['checked'] as Record<string, string>[]
    assert.equal(
      checked.map(({ platform, path, image, released }) => [platform, path, image === released]),
      [
        ['linux/amd64', '/usr/bin/hello', true],
        ['linux/arm64', '/usr/bin/hello', true],
      ],
    )
  }
})

test.run()
