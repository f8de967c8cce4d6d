import { randomBytes } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { archive, gzip, writeTar } from '@waybill/archive'
import { assertProven, collect, type Finding, type Report } from '@waybill/core'
import { loadContent, openLayout, writeLayout } from '@waybill/oci'
import {
  assemble,
  checkIdentity,
  findArtifacts,
  proveIdentity,
  waiveIdentity,
} from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  binaryArtifact,
  contentOf,
  createBase,
  file,
  program,
  release,
  rootfs,
} from '../helpers/images.ts'
import { testWith } from '../helpers/needs.ts'
import { rejects } from '../helpers/rejects.ts'
import { errors, releaseHello } from '../helpers/released-hello.ts'
import { wholeAndStripped } from '../helpers/stripped.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('proveIdentity')
const { out, amd64, arm64, binaries, released, good } = await releaseHello()
const PATH = '/usr/bin/hello'

test('proves an assembled image against the archives', async () => {
  const base = await createBase()
  const image = await assemble(release, binaries, { base, path: '/usr/local/bin/hello', out })
  const proven = await proveIdentity(image, released, { out })
  assertProven(proven)
  assert.is(proven.proof.kind, 'identity')
  const checked = proven.proof.kind === 'identity' ? proven.proof.checked : []
  assert.equal(
    checked.map(({ platform, path, image, released }) => [platform, path, image === released]),
    [
      ['linux/amd64', '/usr/local/bin/hello', true],
      ['linux/arm64', '/usr/local/bin/hello', true],
    ],
  )
  assert.match(checked[0]!.artifact!, /\.tar\.gz!.*hello$/)
})

test('proves it again from a layout, by the files in a folder or listed in SHA256SUMS', async () => {
  const base = await createBase()
  const image = await assemble(release, binaries, { base, path: '/bin/hello', out })
  const folder = join(temporaryFolder(), 'image')
  await writeLayout(image.content, folder)
  const layout = await openLayout(folder)
  const content = await loadContent(layout, await layout.resolve(''))
  await writeLayout(image.content, out) // a build's own folder may hold the layout as well
  for (const place of [out, join(out, 'SHA256SUMS')]) {
    const report = await checkIdentity(content, (await findArtifacts(place)).artifacts, { out })
    assert.ok(report.ok, JSON.stringify(report.findings))
    assert.is(report.checked.length, 2)
  }
})

test('finds a released file that does not match its line, or has none', async () => {
  const folder = temporaryFolder()
  const own = [await binaryArtifact(folder, 'linux/amd64', amd64)]
  await archive(release, own, { formats: ['tar.gz'], out: folder })
  const content = await contentOf([{ platform: 'linux/amd64', layers: [[file(amd64)]] }])
  const codes = async (sums: string): Promise<string[]> => {
    await writeFile(join(folder, 'SHA256SUMS'), sums)
    const { artifacts } = await findArtifacts(folder)
    return errors(await checkIdentity(content, artifacts, { out: folder, path: PATH }))
  }
  const [line] = await findArtifacts(folder).then(({ artifacts }) =>
    artifacts.filter(({ kind }) => kind === 'archive'),
  )
  assert.equal(await codes(`${line!.digest.slice(7)}  ${line!.name}\n`), [])
  assert.equal(await codes(`${'0'.repeat(64)}  ${line!.name}\n`), ['checksum-mismatch'])
  assert.equal(await codes(''), ['checksum-missing'])
  const right = `${line!.digest.slice(7)}  ${line!.name}\n`
  const wrong = `${'0'.repeat(64)}  ${line!.name}\n`
  for (const both of [right + wrong, wrong + right])
    assert.equal(await codes(both), ['checksum-mismatch'], 'one of the two is wrong')
})

test('a file that was named is one of checksums, whatever it is called', async () => {
  const folder = temporaryFolder()
  const own = [await binaryArtifact(folder, 'linux/amd64', amd64)]
  const [made] = await archive(release, own, { formats: ['tar.gz'], out: folder })
  const content = await contentOf([{ platform: 'linux/amd64', layers: [[file(amd64)]] }])
  const sums = join(folder, 'hello_1.0.0_checksums.txt')
  for (const [digest, expected] of [
    [made!.digest.slice(7), []],
    ['0'.repeat(64), ['checksum-mismatch']],
  ] as const) {
    await writeFile(sums, `${digest}  ${made!.name}\n`)
    const { artifacts } = await findArtifacts(sums)
    const report = await checkIdentity(content, artifacts, { out: folder, path: PATH })
    assert.equal(errors(report), expected)
  }
})

test('an archive that breaks off below the executable is an error, and so is one that cannot be read at all', async () => {
  const folder = temporaryFolder()
  const content = await contentOf([{ platform: 'linux/amd64', layers: [[file(amd64)]] }])
  const members = [
    { path: 'hello', type: 'file', mode: 0o755, content: amd64 },
    { path: 'zz', type: 'file', content: randomBytes(100_000) },
  ] as const
  const packed = await collect(gzip(writeTar(members), { level: 1 }), 1 << 20, 'archive')
  const check = async (name: string, bytes: Uint8Array): Promise<Report> => {
    await writeFile(join(folder, name), bytes)
    const { artifacts } = await findArtifacts(folder)
    return checkIdentity(content, artifacts, { out: folder, path: PATH })
  }
  assert.equal(errors(await check('hello.tar.gz', packed)), [])
  const { findings } = await check('hello.tar.xz', Buffer.from('fd377a585a000004', 'hex'))
  assert.equal(
    findings.map(({ code, level }) => [code, level]),
    [['unreadable-archive', 'error']],
  )
  await rm(join(folder, 'hello.tar.xz'))
  assert.equal(errors(await check('hello.tar.gz', packed.subarray(0, -50_000))), [
    'unreadable-archive',
  ])
})

test('lets the name decide between several executables, and refuses to guess', async () => {
  const folder = temporaryFolder()
  const artifacts = [
    await binaryArtifact(folder, 'linux/amd64', amd64),
    await binaryArtifact(folder, 'linux/amd64', program('amd64', 'helper'), 'helper'),
  ]
  const content = await contentOf([
    { platform: 'linux/amd64', layers: [[file(amd64), file(amd64, 'usr/bin/other')]] },
  ])
  const options = { out: folder }
  assert.ok((await checkIdentity(content, artifacts, { ...options, path: PATH })).ok)
  const error = await rejects(
    checkIdentity(content, artifacts, { ...options, path: '/usr/bin/other' }),
    'ERR_AMBIGUOUS_ARTIFACT',
  )
  assert.match(error.message, /linux-amd64\/helper/)
})

test('throws ERR_NOT_IDENTICAL with every finding', async () => {
  const content = await contentOf([
    { platform: 'linux/amd64', layers: [[file(arm64)]] },
    { platform: 'linux/arm64', layers: [[file(amd64)]] },
  ])
  const error = await rejects(
    proveIdentity({ content, path: PATH }, released, { out }),
    'ERR_NOT_IDENTICAL',
  )
  assert.is((error.details['findings'] as Finding[]).length, 2)
})

test('waives the proof for a reason alone', async () => {
  const content = await contentOf([good])
  const proven = waiveIdentity(content, { reason: 'built without the designer' })
  assertProven(proven)
  assert.equal(proven.proof, { kind: 'waived', reason: 'built without the designer' })
  await rejects(() => waiveIdentity(content, { reason: ' ' }), 'ERR_NO_REASON')
  await rejects(() => waiveIdentity(content, {} as never), 'ERR_NO_REASON')
})

test('finds a base that was tampered with: before assembling, in a layout, and by the base itself', async () => {
  const base = await createBase()
  const stored = join(temporaryFolder(), 'base')
  const layout = await writeLayout(await loadContent(base.source, base.descriptor), stored)
  const local = { reference: 'base', descriptor: base.descriptor, source: layout }
  const options = { base: local, path: '/usr/bin/hello', out }
  const image = await assemble(release, binaries, options)
  const folder = join(temporaryFolder(), 'image')
  const written = await writeLayout(image.content, folder)
  const content = await loadContent(written, image.descriptor)
  const check = () => checkIdentity({ content, path: image.path }, released, { out, base: local })
  assert.ok((await check()).ok)

  const other = await createBase([
    { platform: 'linux/amd64', layers: [[file(Buffer.from('x'), 'etc/x')]] },
    { platform: 'linux/arm64', layers: [rootfs] },
  ])
  const elsewhere = await checkIdentity({ content, path: image.path }, released, {
    out,
    base: other,
  })
  assert.equal(errors(elsewhere), ['base-differs'])

  const [layer] = image.images[0]!.layers
  const flip = async (place: string): Promise<void> => {
    const path = join(place, 'blobs', ...layer!.digest.split(':'))
    const bytes = await readFile(path)
    bytes[bytes.byteLength - 20]! ^= 1
    await writeFile(path, bytes)
  }
  await flip(folder)
  const report = await check()
  assert.equal(errors(report), ['damaged-content'])
  assert.match(report.findings[0]!.message, /blobs\/sha256\/.*expected sha256:.*found sha256:/)
  await flip(stored)
  const error = await rejects(
    assemble(release, binaries, { ...options, cache: temporaryFolder() }),
    'ERR_DIGEST_MISMATCH',
  )
  assert.match(error.message, /blobs\/sha256\//)
})

testWith(test, ['go'], 'finds a binary that was stripped after the release', async () => {
  const folder = temporaryFolder()
  const made = wholeAndStripped()
  const whole = await binaryArtifact(folder, 'linux/amd64', made.whole)
  const content = await contentOf([{ platform: 'linux/amd64', layers: [[file(made.stripped)]] }])
  const report = await checkIdentity(content, [whole], { out: folder, path: '/usr/bin/hello' })
  assert.equal(errors(report), ['stripped'])
})

test.run()
