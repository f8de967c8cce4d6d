// A folder that is written to, and what a part brings, are where their names say.
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scene } from '../helpers/link-scene.ts'

const test = suite('link-folders')

// Folders that are written to: a link in their place, or in the place of one below or above.
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  dist: ['build'],
  'dist/linux-amd64': ['build'],
  '.waybill': ['build'],
  '.waybill/journal': ['release', '--dry-run'],
  '.waybill/rehearse': ['rehearse', '--dry-run'],
  'out/of': ['build', '--out', 'out/of/here'],
  out: ['archive', '--out', 'out'],
}
for (const [folder, words] of Object.entries(FOLDERS))
  for (const how of ['absolute', 'relative', 'by another link', 'to nothing'] as const)
    test(`writes nothing through ${folder}, a link that is ${how}`, async () => {
      const { root, victim, run } = scene()
      const path = join(root, folder)
      mkdirSync(join(path, '..'), { recursive: true })
      if (how === 'by another link') symlinkSync(victim, join(root, '.other'))
      const targets = {
        absolute: victim,
        relative: join('..', '..', victim),
        'by another link': join(root, '.other'),
        'to nothing': `${victim}/none`,
      }
      const target =
        how === 'relative'
          ? join(
              ...path
                .split('/')
                .slice(2)
                .map(() => '..'),
              victim,
            )
          : targets[how]
      symlinkSync(target, path)
      const result = await run(...words)
      assert.is(result.code, 'ERR_OUTSIDE_REPOSITORY')
      assert.ok(result.said.includes(folder))
      assert.equal(readdirSync(victim), ['secret'])
    })

test('a call may name a folder elsewhere, as its own choice', async () => {
  const { root, victim, run } = scene()
  const result = await run('build', '--out', join(victim, 'out'))
  assert.is(result.code, 'none', result.said)
  assert.ok(existsSync(join(victim, 'out/linux-amd64/hello')))
  symlinkSync(join(victim, 'out'), join(root, 'dist'))
  assert.is((await run('archive')).code, 'ERR_OUTSIDE_REPOSITORY')
  assert.is((await run('archive', '--out', join(victim, 'out'))).code, 'none')
})

test('a link in the place of a file that is written is replaced, and what it names stays', async () => {
  const { root, victim, run } = scene()
  assert.is((await run('build')).code, 'none')
  assert.is((await run('archive')).code, 'none')
  for (const name of ['dist/linux-amd64/hello', 'dist/waybill.json', 'dist/SHA256SUMS']) {
    const [file, away] = [join(root, name), join(victim, 'same')]
    cpSync(file, away)
    chmodSync(away, 0o600)
    rmSync(file)
    symlinkSync(away, file)
    const bytes = readFileSync(away)
    const result = await run(name === 'dist/SHA256SUMS' ? 'archive' : 'build')
    if (result.code === 'none') assert.ok(lstatSync(file).isFile(), name)
    else assert.is(result.code, 'ERR_OUTSIDE_REPOSITORY')
    assert.equal(readFileSync(away), bytes)
    assert.is(lstatSync(away).mode & 0o777, 0o600, name)
    if (result.code !== 'none') break
  }
})

for (const what of ['file', 'folder of files', 'part', 'record'] as const)
  test(`a joined part is not taken through a link: its ${what}`, async () => {
    const { root, victim, run } = scene()
    assert.is((await run('build', '--out', 'parts/one')).code, 'none')
    const part = join(root, 'parts/one')
    const at = {
      file: 'linux-amd64/hello',
      'folder of files': 'linux-amd64',
      part: '',
      record: 'waybill.json',
    }[what]
    cpSync(join(part, at), join(victim, 'away'), { recursive: true })
    rmSync(join(part, at), { recursive: true })
    symlinkSync(join(victim, 'away'), join(part, at).replace(/\/$/, ''))
    const result = await run('build', '--join', 'parts')
    assert.is(result.code, 'ERR_OUTSIDE_REPOSITORY', result.said)
    assert.not.ok(existsSync(join(root, 'dist/linux-amd64/hello')))
  })

test.run()
