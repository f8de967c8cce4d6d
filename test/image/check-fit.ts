import { existsSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { execFileSync } from 'node:child_process'
import type { TarInput } from '@waybill/archive'
import { inspect, type BinaryFacts } from '@waybill/binary'
import type { Artifact, Finding } from '@waybill/core'
import { loadContent, readImages, writeLayout, type Base } from '@waybill/oci'
import { assemble, checkFit, chooseBase } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { waybill } from '../helpers/cli.ts'
import { createBase, file, program, binaryArtifact, release } from '../helpers/images.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

// The machine's own programs and libraries, so that the oracle is its loader: `ldd` says where it found what.
const test = suite('checkFit')
const simple = '/bin/true'
const needsMore = ['/usr/bin/apt', '/usr/bin/c++filt', '/usr/bin/g++'].find(
  (path) => existsSync(path) && !ldd(path).every((one) => ldd(simple).includes(one)),
)!

/** The files a program is linked with, the loader among them, by `ldd`. */
function ldd(path: string): string[] {
  const text = execFileSync('ldd', [path], { encoding: 'utf8' })
  return [...text.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1]!)
}

/** Layer members for a library: the file under its real name, and the link it is known by. */
function member(path: string): TarInput[] {
  const real = realpathSync(path)
  const members = [file(readFileSync(real), `usr/lib${real.replace(/^(\/usr)?\/lib/, '')}`)]
  const place = `usr/lib${path.replace(/^(\/usr)?\/lib/, '')}`
  if (basename(real) !== basename(path))
    members.push({ path: place, type: 'symlink', linkname: basename(real) })
  return members
}

const links: readonly TarInput[] = [
  { path: 'lib', type: 'symlink', linkname: 'usr/lib' },
  { path: 'lib64', type: 'symlink', linkname: 'usr/lib64' },
]

/** The loader by the name a program asks for, which on merged systems is a link. */
function loaderOf(facts: BinaryFacts): TarInput[] {
  const path = facts.interpreter!
  const bytes = readFileSync(path)
  return [file(bytes, path.replace(/^\/lib/, 'usr/lib'))]
}

const baseOf = (layers: readonly (readonly TarInput[])[]): Promise<Base> =>
  createBase([{ platform: 'linux/amd64', layers }])

const codes = (findings: readonly Finding[]): string[] => findings.map(({ code }) => code)

/** Checks in another process, where the layers are gone and the folder alone remembers. */
async function recheck(base: Base, cache: string): Promise<unknown> {
  const folder = await layoutOf(base)
  const { layers } = (
    await readImages({
      subject: base.descriptor,
      read: (item) => base.source.fetch(item),
    })
  )[0]!.manifest
  for (const { digest } of layers) rmSync(join(folder, 'blobs', ...digest.split(':')))
  const script = `
    import { inspect } from '@waybill/binary'
    import { checkFit } from '@waybill/image'
    import { openLayout } from '@waybill/oci'
    const [folder, cache, program] = process.argv.slice(1)
    const source = await openLayout(folder)
    const base = { reference: 'base', descriptor: await source.resolve(''), source }
    console.log(JSON.stringify(await checkFit(await inspect(program), base, { cache })))`
  const args = ['--input-type=module', '--eval', script, folder, cache, simple]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
}

const facts = await inspect(simple)
const libc = ldd(simple).filter((path) => path !== facts.interpreter)
const nossl = [links, [...loaderOf(facts), ...libc.flatMap(member)]]

test('finds every library that the loader finds', async () => {
  const report = await checkFit(facts, await baseOf(nossl), { name: 'true' })
  assert.ok(report.ok, JSON.stringify(report.findings))
  assert.equal(
    report.checked.map(({ library }) => library).toSorted(),
    libc.map((path) => basename(path)).toSorted(),
  )
  assert.ok(report.checked.every(({ path }) => path?.startsWith('/usr/lib/')))
})

test('names each library that the base lacks, and who needs it', async () => {
  const more = await inspect(needsMore)
  const report = await checkFit(more, await baseOf(nossl), { name: basename(needsMore) })
  assert.is(report.ok, false)
  const lacking = more.needed.filter((name) => !libc.some((path) => basename(path) === name))
  for (const name of lacking)
    assert.ok(
      report.findings.some(({ message }) => message.includes(`needs ${name},`)),
      name,
    )
  const all = ldd(needsMore).filter((path) => path !== more.interpreter)
  const whole = await baseOf([links, [...loaderOf(more), ...all.flatMap(member)]])
  const fits = await checkFit(more, whole)
  assert.ok(fits.ok, JSON.stringify(fits.findings))
})

test('finds a symbol version that is newer than the base', async () => {
  const newer = {
    ...facts,
    requires: [{ library: 'libc.so.6', versions: ['GLIBC_2.2.5', 'GLIBC_9.99'] }],
  }
  const report = await checkFit(newer, await baseOf(nossl), { name: 'new' })
  assert.equal(codes(report.findings), ['version-missing'])
  assert.match(report.findings[0]!.message, /needs GLIBC_9\.99 of libc\.so\.6; .* GLIBC_2\.\d+/)
})

test('refuses glibc upon musl, and says so', async () => {
  const alpine = await baseOf([[file(Buffer.from('x'), 'lib/ld-musl-x86_64.so.1')]])
  const report = await checkFit(facts, alpine)
  assert.equal(codes(report.findings), ['libc-mismatch'])
  assert.match(report.findings[0]!.message, /linked with glibc .*the base has musl/)
})

test('refuses a loader that is not there, and another machine', async () => {
  assert.equal(codes((await checkFit(facts, await baseOf([links]))).findings), ['loader-missing'])
  const other = await createBase([{ platform: 'linux/s390x', layers: [links] }])
  assert.equal(codes((await checkFit(facts, other)).findings), ['platform-missing'])
})

test('reads no layer for a static binary, and takes it on scratch', async () => {
  const folder = temporaryFolder()
  const { path } = await binaryArtifact(folder, 'linux/amd64', program('amd64'))
  const tiny = await inspect(`${folder}/${path}`)
  const base = await baseOf(nossl)
  const source: Base['source'] = {
    ...base.source,
    fetch(descriptor) {
      assert.not.match(descriptor.mediaType, /layer/)
      return base.source.fetch(descriptor)
    },
  }
  assert.ok((await checkFit(tiny, { ...base, source })).ok)
  assert.ok((await checkFit(tiny, 'scratch')).ok)
  assert.equal(codes((await checkFit(facts, 'scratch')).findings), ['library-missing'])
})

test('remembers a layer by its digest, in a folder as well', async () => {
  const cache = temporaryFolder()
  const base = await baseOf([...nossl, [file(Buffer.from(cache), 'etc/unique')]])
  const first = await checkFit(facts, base, { cache })
  assert.is(readdirSync(`${cache}/facts`).length, 3)
  assert.equal(await recheck(base, cache), first)
})

test('chooses the smallest base that fits and says why the smaller ones do not', async () => {
  const tiny = await baseOf([links])
  const base = await baseOf(nossl)
  const large = await baseOf([...nossl, [file(Buffer.alloc(1e5, 'pad'), 'usr/share/pad')]])
  const chosen = await chooseBase(facts, [large, 'scratch', base, tiny], { name: 'true' })
  assert.is(chosen.base, base)
  assert.equal(
    chosen.rejected.map(({ base, findings }) => [base, codes(findings)]),
    [
      ['scratch', ['library-missing']],
      [tiny, ['loader-missing']],
    ],
  )
  const error = await rejects(chooseBase(facts, ['scratch', tiny]), 'ERR_NO_BASE_FITS')
  assert.match(error.message, /scratch: .*needs .*libc\.so\.6/)
})

test('stops assembling what would not start, unless there is a reason', async () => {
  const folder = temporaryFolder()
  const artifact: Artifact = await binaryArtifact(folder, 'linux/amd64', readFileSync(simple))
  const options = { base: 'scratch', path: '/true', out: folder } as const
  const error = await rejects(assemble(release, [artifact], options), 'ERR_DOES_NOT_FIT')
  assert.match(error.message, /linux\/amd64: hello would not start on scratch: .*libc\.so\.6/)
  await assemble(release, [artifact], { ...options, fitWaived: 'a fixture' })
})

async function layoutOf(base: Base): Promise<string> {
  const folder = join(temporaryFolder(), 'base')
  await writeLayout(await loadContent(base.source, base.descriptor), folder)
  return folder
}

test('waybill inspect says what a program is, and with --base whether it fits', async () => {
  const plain = (await waybill(['inspect', simple, '--json'])).json()
  assert.is(plain['format'], 'elf')
  assert.is(plain['linkage'], 'dynamic')
  assert.equal(plain['needed'], facts.needed)
  assert.is(plain['interpreter'], facts.interpreter)
  assert.is(plain['fit'], undefined)
  const whole = await layoutOf(await baseOf(nossl))
  for (const [base, code] of [
    [whole, 0],
    [await layoutOf(await baseOf([links])), 1],
    ['scratch', 1],
  ] as const) {
    const answer = await waybill(['inspect', simple, '--base', base, '--json'])
    const { ok, findings } = answer.json()['fit'] as { ok: boolean; findings: Finding[] }
    assert.is(answer.code, code, answer.stdout)
    assert.is(ok, code === 0)
    assert.is(
      findings.some(({ level }) => level === 'error'),
      code === 1,
    )
  }
})

test.run()
