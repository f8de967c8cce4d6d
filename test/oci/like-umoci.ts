// What comes out of layers upon each other, whiteouts and all, beside what umoci unpacks.
import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { TarInput } from '@waybill/archive'
import { extract, readImages, writeLayout } from '@waybill/oci'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { contentOf } from '../helpers/images.ts'
import { createRandom } from '../helpers/mutate.ts'
import { testWith } from '../helpers/needs.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('extract, beside umoci')
const TIMES = process.env['WAYBILL_FULL'] === '1' ? 1500 : 60

const random = createRandom(11)
const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)]!

const FOLDERS = ['a', 'a/b', 'a/b/c', 'd', 'd/e'] as const
const common = { uid: 0, gid: 0, mtime: 1_000_000_000 }
const folder = (path: string): TarInput => ({
  ...common,
  path,
  type: 'directory',
  mode: pick([0o700, 0o755]),
})
const file = (path: string): TarInput => ({
  ...common,
  path,
  type: 'file',
  mode: pick([0o600, 0o644]),
})

// Folders stay folders and files stay files, so that every program accepts them; each path once in a layer.
function layer(): readonly TarInput[] {
  const members = new Map<string, TarInput>()
  const add = (one: TarInput): void => void members.set(one.path, one)
  for (let count = 1 + random(6); count > 0; count--) {
    const at = pick(FOLDERS)
    const kind = random(8)
    if (kind < 3) add(file(`${at}/${pick(['1', '2'])}`))
    else if (kind < 5) add(folder(at))
    else {
      const name = pick(['.wh..wh..opq', '.wh.1', '.wh.2', '.wh.b', '.wh.e'])
      // Whether a whiteout brings the folder it lies in is told differently by different programs.
      for (const above of FOLDERS) if (`${at}/`.startsWith(`${above}/`)) add(folder(above))
      add(file(`${at}/${name}`))
    }
  }
  return [...members.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

const listed = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => `${path}${lstatSync(join(root, path)).isDirectory() ? '/' : ''}`)
    .toSorted()

testWith(test, ['umoci'], `${TIMES} images, unpacked by both`, async () => {
  for (let count = 0; count < TIMES; count++) {
    const layers = [FOLDERS.map(folder), ...Array.from({ length: 1 + random(3) }, layer)]
    const content = await contentOf([{ platform: 'linux/amd64', layers }])
    const place = temporaryFolder('umoci')
    await writeLayout(content, join(place, 'layout'), { reference: 'it' })
    const words = ['--image', `${join(place, 'layout')}:it`, join(place, 'bundle')]
    execFileSync('umoci', ['unpack', '--rootless', ...words], { stdio: 'pipe' })
    const [image] = await readImages(content)
    await extract(image!, join(place, 'ours'))
    const what = JSON.stringify(layers.slice(1).map((one) => one.map(({ path }) => path)))
    assert.equal(listed(join(place, 'ours')), listed(join(place, 'bundle/rootfs')), what)
  }
})

test.run()
