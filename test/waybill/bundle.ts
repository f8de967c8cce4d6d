import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BIN, ROOT, runNode } from '../helpers/cli.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('the bundled command line')
const NOTE = 'made-from.json'

test('is the same bytes every time', async () => {
  const folders = [temporaryFolder('bundle'), temporaryFolder('bundle')]
  for (const folder of folders) {
    const { code, stderr } = await runNode([join(ROOT, 'scripts/dist/bundle-cli.js'), folder])
    assert.is(code, 0, stderr)
  }
  const [first, second] = folders.map((folder) =>
    readdirSync(folder)
      .filter((name) => name !== NOTE)
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )
  assert.ok(first!.length > 10)
  assert.equal(second, first)
})

const say = (word: string): string => `async () => console.log('${word}')`

/** A package of which each way to start it tells which way it is. */
function createPackage(): {
  readonly bin: string
  readonly bundle: string
  readonly built: string
} {
  const folder = temporaryFolder('bin')
  const bundle = join(folder, 'dist/bundle')
  for (const path of [join(folder, 'bin'), join(folder, 'dist/cli'), bundle])
    mkdirSync(path, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'dist/cli/main.js'), `export const main = ${say('built')}`)
  writeFileSync(join(bundle, 'main.cjs'), `exports.main = ${say('bundle')}`)
  for (const name of ['waybill.js', 'package.json'])
    copyFileSync(join(dirname(BIN), name), join(folder, 'bin', name))
  return { bin: join(folder, 'bin/waybill.js'), bundle, built: join(folder, 'dist/cli/main.js') }
}

const says = async (bin: string): Promise<string> => (await runNode([bin, 'x'])).stdout.trim()

test('is what runs where nothing newer was built', async () => {
  const { bin, bundle, built } = createPackage()
  assert.is(await says(bin), 'bundle')
  const times = { '../dist/cli/main.js': statSync(built).mtimeMs }
  writeFileSync(join(bundle, NOTE), JSON.stringify(times))
  assert.is(await says(bin), 'bundle')
})

test('is passed over once it is not of the last build', async () => {
  const { bin, bundle, built } = createPackage()
  const times = { '../dist/cli/main.js': statSync(built).mtimeMs - 1 }
  writeFileSync(join(bundle, NOTE), JSON.stringify(times))
  assert.is(await says(bin), 'built')
  writeFileSync(join(bundle, NOTE), '{"../gone":1}')
  assert.is(await says(bin), 'built')
})

test.run()
