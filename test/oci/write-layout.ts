import { existsSync } from 'node:fs'
import { readFile, readdir, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { collect, type Content } from '@waybill/core'
import { loadContent, openLayout, readImages, writeLayout } from '@waybill/oci'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { contentOf, file, program, rootfs } from '../helpers/images.ts'
import { testWith } from '../helpers/needs.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { execFileSync } from 'node:child_process'

const test = suite('writeLayout')

const sample = (text = 'hello'): Promise<Content> =>
  contentOf([
    { platform: 'linux/amd64', layers: [rootfs, [file(program('amd64', text))]] },
    { platform: 'linux/arm64', layers: [rootfs, [file(program('arm64', text))]] },
  ])

const run = (file: string, ...args: string[]): string =>
  execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

const place = (): string => join(temporaryFolder('layout'), 'image')

/** Every file of a folder with the number that changes when it is written anew. */
async function inodes(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  const each = names.toSorted().map(async (name) => {
    const found = await stat(join(folder, name))
    return found.isFile() ? `${name} ${found.ino}` : name
  })
  return Promise.all(each)
}

test('writes a whole layout that reads as the same content', async () => {
  const content = await sample()
  const folder = place()
  const layout = await writeLayout(content, folder, { reference: '1.2.3' })
  const subject = await layout.resolve('1.2.3')
  assert.is(subject.digest, content.subject.digest)
  const read = await loadContent(layout, subject)
  assert.equal(
    read.blobs.map(({ descriptor }) => descriptor.digest),
    content.blobs.map(({ descriptor }) => descriptor.digest),
  )
  for (const { descriptor } of read.blobs) await collect(read.read(descriptor), 1e8, 'blob')
  assert.is((await readImages(read)).length, 2)
})

test('writes nothing the second time', async () => {
  const content = await sample()
  const folder = place()
  await writeLayout(content, folder)
  const before = await inodes(folder)
  await writeLayout(content, folder)
  assert.equal(await inodes(folder), before)
})

test('mends a blob that was damaged or cut short', async () => {
  const content = await sample()
  const folder = place()
  const layout = await writeLayout(content, folder)
  const [one, two] = content.blobs.map(({ descriptor }) => descriptor)
  const path = (digest: string): string => join(folder, 'blobs', ...digest.split(':'))
  const bytes = await readFile(path(one!.digest))
  bytes[0]! ^= 1
  await writeFile(path(one!.digest), bytes)
  await truncate(path(two!.digest), 1)
  const error = await rejects(collect(layout.fetch(one!), 1e8, 'blob'), 'ERR_DIGEST_MISMATCH')
  assert.match(error.message, /blobs\/sha256\/.*expected sha256:.*found sha256:/)
  await writeLayout(content, folder)
  for (const one of content.blobs) await collect(layout.fetch(one.descriptor), 1e8, 'blob')
})

test('replaces the image without a name, and keeps those with one', async () => {
  const folder = place()
  await writeLayout(await sample('one'), folder)
  await writeLayout(await sample('one'), folder, { reference: 'one' })
  const two = await sample('two')
  const layout = await writeLayout(two, folder)
  await rejects(layout.resolve(''), 'ERR_AMBIGUOUS_REFERENCE')
  await writeLayout(await sample('three'), folder)
  assert.is((await layout.readIndex()).manifests.length, 2)
  assert.is((await layout.resolve(two.subject.digest)).digest, two.subject.digest)
})

test('leaves nothing of a content that could not be written whole, and a layout that was there as it was', async () => {
  const content = await sample()
  const [folder, before] = [place(), place()]
  await openLayout(before, { create: true })
  const last = content.blobs.at(-1)!.descriptor.digest
  const broken: Content = {
    ...content,
    read(descriptor) {
      if (descriptor.digest === last) throw new Error('gone')
      return content.read(descriptor)
    },
  }
  for (const one of [folder, before])
    await writeLayout(broken, one).then(
      () => assert.unreachable(),
      () => {},
    )
  assert.not.ok(existsSync(folder))
  const layout = await openLayout(before)
  assert.is((await layout.readIndex()).manifests.length, 0)
  const left = await readdir(before, { recursive: true })
  assert.not.ok(left.some((name) => name.endsWith('.tmp')))
})

test('refuses a folder that is no layout', async () => {
  const folder = temporaryFolder()
  await rejects(openLayout(folder), 'ERR_NOT_A_LAYOUT')
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}')
  await rejects(openLayout(folder, { create: true }), 'ERR_NOT_A_LAYOUT')
})

testWith(test, ['skopeo', 'umoci'], 'is read by skopeo and umoci', async () => {
  const folder = place()
  const content = await sample()
  await writeLayout(content, folder, { reference: '1.2.3' })
  const raw = run('skopeo', 'inspect', '--raw', `oci:${folder}:1.2.3`)
  assert.is(JSON.parse(raw).manifests.length, 2)
  const target = place()
  run('skopeo', 'copy', '--all', '--quiet', `oci:${folder}:1.2.3`, `oci:${target}:copy`)
  const copied = await openLayout(target)
  assert.is((await copied.resolve('copy')).digest, content.subject.digest)
  const images = await readImages(await loadContent(copied, content.subject))
  const single = place()
  const [amd64] = images
  await writeLayout(await loadContent(copied, amd64!.descriptor), single, { reference: 'amd64' })
  const bundle = join(temporaryFolder(), 'bundle')
  run('umoci', 'unpack', '--rootless', '--image', `${single}:amd64`, bundle)
  assert.equal(await readFile(join(bundle, 'rootfs/bin/hello')), program('amd64'))
})

test.run()
