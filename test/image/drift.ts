import type { TarInput } from '@waybill/archive'
import type { Report } from '@waybill/core'
import { drift } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { contentOf, file, program, rootfs, type TestImage } from '../helpers/images.ts'

const test = suite('drift')

const image = (over: Partial<TestImage> = {}): TestImage => ({
  platform: 'linux/amd64',
  layers: [rootfs, [file(program('amd64'))]],
  config: { User: '65532', Env: ['PATH=/bin', 'A=1'], Labels: { a: '1', b: '2' } },
  ...over,
})

const compare = async (other: TestImage, ignore: readonly string[] = []): Promise<Report> =>
  drift(await contentOf([image()]), await contentOf([other]), { ignore })

const found = ({ findings }: Report): string[] =>
  findings.map(({ code, where }) => `${code} ${where?.path ?? ''}`.trim())

test('finds nothing between equal images, whatever their layers and times', async () => {
  const all = [...rootfs, file(program('amd64'))].map((entry) => ({ ...entry, mtime: 12345 }))
  const report = await compare(image({ layers: [all] }))
  assert.equal(report.findings, [])
  assert.equal(report.checked, [{ platform: 'linux/amd64', files: [7, 7] }])
})

test('finds other bytes of the same size, other sizes, modes, owners, types and links', async () => {
  const cases: Readonly<Record<string, readonly TarInput[]>> = {
    'drift-content /usr/bin/hello': [file(program('amd64', 'jello'))],
    'drift-size /usr/bin/hello': [file(Buffer.from('x'))],
    'drift-mode /usr/bin/hello': [{ ...file(program('amd64')), mode: 0o555 }],
    'drift-owner /usr/bin/hello': [{ ...file(program('amd64')), uid: 7 }],
    'drift-type /usr/bin/hello': [{ path: 'usr/bin/hello', type: 'symlink', linkname: 'x' }],
  }
  for (const [expected, layer] of Object.entries(cases))
    assert.equal(found(await compare(image({ layers: [rootfs, layer] }))), [expected])
  const moved: TarInput = { path: 'bin', type: 'symlink', linkname: '/usr/bin' }
  const layers = [[...rootfs.filter(({ path }) => path !== 'bin'), moved], image().layers[1]!]
  assert.equal(found(await compare(image({ layers }))), ['drift-target /bin'])
})

test('finds files that one image has alone, once for a whole folder', async () => {
  const extra = [file(Buffer.from('1'), 'opt/x/1'), file(Buffer.from('2'), 'opt/x/2')]
  const report = await compare(image({ layers: [...image().layers, extra] }))
  assert.equal(found(report), ['drift-only /opt'])
  assert.match(report.findings[0]!.message, /linux\/amd64: \/opt \(directory\) is in the second/)
  const gone: TarInput = { path: 'etc/.wh.os-release', type: 'file' }
  const without = await compare(image({ layers: [...image().layers, [gone]] }))
  assert.match(without.findings[0]!.message, /\/etc\/os-release \(file\) is in the first/)
})

test('finds how they run differently, member by member', async () => {
  const config = {
    User: '0',
    Env: ['A=2', 'PATH=/bin'],
    Labels: { a: '1' },
    Cmd: [],
    Volumes: null,
  }
  const report = await compare(image({ config }))
  assert.equal(
    report.findings.map(({ message }) => message),
    [
      'linux/amd64: config.Env.A is "1" in the first image, "2" in the second',
      'linux/amd64: config.Labels.b is "2" in the first image, not set in the second',
      'linux/amd64: config.User is "65532" in the first image, "0" in the second',
    ],
  )
})

test('leaves out what is declared to differ, and nothing else', async () => {
  const other = image({
    config: { User: '65532', Env: ['PATH=/bin', 'A=1'], Labels: { a: '1', b: '3' } },
    layers: [...image().layers, [file(Buffer.from('x'), 'var/cache/a/b')]],
  })
  assert.is((await compare(other)).ok, false)
  const ignored = await compare(other, ['config.Labels.b', '/var'])
  assert.equal(ignored.findings, [])
  assert.ok(ignored.ok)
  assert.equal(found(await compare(other, ['/var/**', 'config.Labels.*'])), ['drift-only /var'])
})

test('finds a platform that one image has alone', async () => {
  const both = await contentOf([image(), { platform: 'linux/arm64', layers: [[]] }])
  const report = await drift(both, await contentOf([image()]))
  assert.equal(found(report), ['platform-missing'])
})

test('compares each of several images of one platform, in either order', async () => {
  const one = await contentOf([image()])
  const second = image({ layers: [rootfs, [file(program('amd64', 'jello'))]] })
  const two = await contentOf([image(), second])
  assert.equal(found(await drift(one, two)), ['platform-missing'])
  assert.equal(found(await drift(two, one)), ['platform-missing'])
  const same = await contentOf([image(), image()])
  assert.equal(found(await drift(two, same)), ['drift-content /usr/bin/hello'])
})

test.run()
