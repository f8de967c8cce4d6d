import { writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { gunzip, readTar } from '@waybill/archive'
import { bytesReader, inspect, type BinaryFacts } from '@waybill/binary'
import {
  makeBase,
  packagesOf,
  readAptSources,
  type MadeBase,
  type MakeBaseOptions,
  type Recipe,
} from '@waybill/debian'
import type { Descriptor } from '@waybill/core'
import { bytesOf } from '../helpers/bytes.ts'
import { manifest } from '../helpers/debian-base.ts'
import { testWith } from '../helpers/needs.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

// Every recipe from Debian's real archive, through the machine's own apt sources.
const test = suite('recipes')
const recipes = ['static', 'base-nossl', 'base', 'cc'] as const
const full = process.env['WAYBILL_FULL'] === '1'
const cache = temporaryFolder('recipes')

const usual = ['linux/amd64', 'linux/arm64']
const rare = ['linux/arm/v7', 'linux/ppc64le', 'linux/riscv64', 'linux/s390x']

test('each holds what the one before it holds', () => {
  for (const release of ['bookworm', 'trixie'] as const) {
    const lists = recipes.map((recipe) => packagesOf(recipe, release))
    for (const [at, list] of lists.entries())
      for (const smaller of lists.slice(0, at))
        assert.ok(smaller.every((name) => list.includes(name)))
  }
  assert.ok(packagesOf('cc', 'trixie').includes('libssl3t64'))
  assert.ok(packagesOf('cc', 'bookworm').includes('libssl3'))
  assert.not.ok(packagesOf('base', 'trixie').includes('libgcc-s1'))
})

/** What a container of the image would see. */
interface Root {
  readonly links: Map<string, string>
  readonly elf: Map<string, BinaryFacts>
  readonly paths: Set<string>
  readonly bytes: number
}

interface Member {
  readonly path: string
  readonly type: string
  readonly linkname: string
  readonly facts: BinaryFacts | undefined
}

// Most layers are in several images; each is read once.
const read = new Map<string, Promise<Member[]>>()

function membersOf(base: MadeBase, layer: Descriptor): Promise<Member[]> {
  const known = read.get(layer.digest) ?? readMembers(base, layer)
  read.set(layer.digest, known)
  return known
}

async function readMembers(base: MadeBase, layer: Descriptor): Promise<Member[]> {
  const found: Member[] = []
  for await (const entry of readTar(gunzip(base.source.fetch(layer)))) {
    const { path, type, linkname = '', content } = entry
    const library = type === 'file' && /\.so(\.|$)/.test(path)
    const bytes = library ? await bytesOf(content) : Buffer.alloc(0)
    const elf = bytes.toString('latin1', 0, 4) === '\x7fELF'
    const facts = elf ? await inspect(bytesReader(bytes)) : undefined
    found.push({ path, type, linkname, facts })
  }
  return found
}

async function unpack(base: MadeBase, child: Descriptor): Promise<Root> {
  const root: Root = { links: new Map(), elf: new Map(), paths: new Set(), bytes: 0 }
  const { layers } = await manifest(base, child)
  for (const layer of layers)
    for (const { path, type, linkname, facts } of await membersOf(base, layer)) {
      assert.not.ok(type === 'directory' && root.links.has(path), `${path} replaces a link`)
      root.paths.add(path)
      if (type === 'symlink') root.links.set(path, linkname)
      if (facts !== undefined) root.elf.set(path, facts)
    }
  return { ...root, bytes: layers.reduce((sum, { size }) => sum + size, 0) }
}

// The path without links, as seen from inside.
function resolve({ links }: Root, path: string): string {
  let at = ''
  const parts = path.split('/')
  while (parts.length > 0) {
    const next = posix.join(at, parts.shift()!)
    const target = links.get(next)
    if (target !== undefined) parts.unshift(...target.split('/'))
    if (target === undefined) at = next === '.' ? '' : next
    else at = target.startsWith('/') ? '' : posix.dirname(next).replace(/^\.$/, '')
  }
  return at
}

// A library may only need what the image itself holds, in the versions that are there.
function checkClosed(root: Root, where: string): void {
  const names = new Map([...root.paths].map((path) => [posix.basename(path), path]))
  for (const [path, facts] of root.elf) {
    for (const name of facts.needed) assert.ok(names.has(name), `${where}: ${path} needs ${name}`)
    if (facts.interpreter !== null)
      assert.ok(root.elf.has(resolve(root, facts.interpreter)), `${where}: ${facts.interpreter}`)
    for (const { library, versions } of facts.requires) {
      const provided = root.elf.get(resolve(root, names.get(library)!))?.provides ?? []
      for (const version of versions)
        assert.ok(provided.includes(version), `${where}: ${path} needs ${version} of ${library}`)
    }
  }
}

async function checkRecipe(
  recipe: Recipe,
  options: Pick<MakeBaseOptions, 'platforms' | 'suite' | 'aptFolder'>,
): Promise<number> {
  const base = await makeBase(recipe, { ...options, cache })
  const { manifests } = await manifest(base, base.descriptor)
  assert.is(manifests.length, options.platforms.length)
  let largest = 0
  for (const [at, child] of manifests.entries()) {
    const root = await unpack(base, child)
    const where = `${base.reference} ${options.platforms[at]}`
    checkClosed(root, where)
    assert.is(root.elf.size === 0, recipe === 'static', where)
    const names = [...root.paths].map((path) => posix.basename(path))
    assert.is(names.includes('libgcc_s.so.1'), recipe === 'cc', where)
    for (const name of packagesOf(recipe, options.suite!))
      assert.ok(root.paths.has(`var/lib/dpkg/status.d/${name}`), `${where}: ${name}`)
    for (const path of ['etc/passwd', 'etc/ssl/certs/ca-certificates.crt', 'tmp', 'home/nonroot'])
      assert.ok(root.paths.has(path), `${where}: ${path}`)
    largest = Math.max(largest, root.bytes)
  }
  return largest
}

for (const release of ['bookworm', 'trixie'] as const) {
  testWith(
    test,
    ['apt'],
    `give bases of ${release} whose libraries need nothing that is not there, each larger than the one before`,
    async () => {
      const sizes: number[] = []
      for (const recipe of recipes)
        sizes.push(await checkRecipe(recipe, { platforms: usual, suite: release }))
      assert.equal(
        sizes,
        sizes.toSorted((a, b) => a - b),
      )
      console.log(release, sizes.map((size) => `${(size / 1e6).toFixed(1)} MB`).join(', '))
    },
  )
}

if (full) {
  testWith(test, ['apt'], 'give bases for every other architecture', async () => {
    const aptFolder = temporaryFolder('apt')
    const sources = await readAptSources()
    // The archive alone: mirrors are often behind with the updates of rare architectures.
    const uri = sources.find(
      ({ suites }) => suites.includes('bookworm') || suites.includes('trixie'),
    )
    writeFileSync(join(aptFolder, 'sources.list'), `deb ${uri!.uris[0]} trixie main\n`)
    for (const recipe of recipes)
      await checkRecipe(recipe, { platforms: rare, suite: 'trixie', aptFolder })
  })
}

test.run()
