import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assertClean } from '@waybill/release'
import { createCanary, type Canary } from '../helpers/hostile-git.ts'
import { rejects } from '../helpers/rejects.ts'
import { createRepository, type TestRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('assertClean')
const CONTENT = 'large file\n'
const oid = createHash('sha256').update(CONTENT).digest('hex')
const pointer = (digest: string, size: number): string =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${digest}\nsize ${size}\n`
const env = { PATH: process.env['PATH'], HOME: temporaryFolder('home'), GIT_CONFIG_NOSYSTEM: '1' }

// As Git LFS leaves it: the commit holds a pointer, the working copy the file; git asks the filter whether they are the same.
function large(
  name = 'large.bin',
): TestRepository & { readonly file: string; readonly canary: Canary } {
  const repository = createRepository()
  const canary = createCanary()
  repository.commit({
    message: 'feat: a',
    files: {
      [name]: pointer(oid, CONTENT.length),
      '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    },
  })
  for (const key of ['clean', 'smudge', 'process'])
    repository.git('config', `filter.lfs.${key}`, canary.file)
  const file = join(repository.path, name)
  writeFileSync(file, CONTENT)
  return { ...repository, file, canary }
}

for (const name of [
  'large.bin',
  'sub/a b.bin',
  'ümlaut.bin',
  '-x.bin',
  ':(top)x.bin',
  '*.bin',
  'tab\there.bin',
])
  test(`takes a file of Git LFS as it is where its digest is the committed one: ${JSON.stringify(name)}`, async () => {
    const { path, file, canary } = large(name)
    await assertClean({ cwd: path, env })
    await assertClean({ cwd: dirname(file), env })
    writeFileSync(file, pointer(oid, CONTENT.length))
    await assertClean({ cwd: path, env })
    assert.equal(canary.sang(), [])
  })

const changes: Readonly<Record<string, (file: string) => void>> = {
  'other bytes of the same size': (file) => writeFileSync(file, CONTENT.toUpperCase()),
  'one byte more': (file) => writeFileSync(file, `${CONTENT}\n`),
  nothing: (file) => writeFileSync(file, ''),
  gone: (file) => rmSync(file),
  'a program now': (file) => chmodSync(file, 0o755),
  'another pointer': (file) => writeFileSync(file, pointer('0'.repeat(64), CONTENT.length)),
  'a link to the same bytes': (file) => {
    renameSync(file, `${file}.x`)
    symlinkSync(`${file}.x`, file)
  },
  'a folder': (file) => {
    rmSync(file)
    mkdirSync(file)
    writeFileSync(join(file, 'x'), CONTENT)
  },
}
for (const [what, change] of Object.entries(changes))
  test(`refuses a file of Git LFS that is another: ${what}`, async () => {
    const { path, file, canary } = large()
    change(file)
    const error = await rejects(assertClean({ cwd: path, env }), 'ERR_NOT_CLEAN')
    assert.equal(error.details['changed'], ['large.bin'])
    assert.equal(canary.sang(), [])
  })

test('refuses what only looks like a pointer', async () => {
  for (const text of [
    pointer(oid, CONTENT.length).replace('v1', 'v2'),
    `${pointer(oid, CONTENT.length)}more\n`,
    pointer(oid, CONTENT.length).replace('oid', 'ext-0-x sha256:0\noid'),
    pointer(oid, CONTENT.length + 1),
    pointer(oid.toUpperCase(), CONTENT.length),
    ` ${pointer(oid, CONTENT.length)}`,
  ]) {
    const repository = createRepository()
    repository.commit({ message: 'feat: a', files: { 'a.bin': text } })
    writeFileSync(join(repository.path, 'a.bin'), CONTENT)
    await rejects(assertClean({ cwd: repository.path, env }), 'ERR_NOT_CLEAN')
  }
})

test('looks into submodules, runs nothing there, and no setting hides one', async () => {
  const [inner, outer] = [createRepository(), createRepository()]
  inner.commit({ message: 'feat: a', files: { a: '1' } })
  outer.commit({ message: 'feat: b', files: { b: '1' } })
  outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.path, 'sub')
  outer.git('config', '--file', '.gitmodules', 'submodule.sub.ignore', 'all')
  outer.commit({ message: 'feat: c' })
  const canary = createCanary()
  const config = join(outer.path, '.git/modules/sub/config')
  for (const key of ['core.fsmonitor', 'filter.x.clean'])
    execFileSync('git', ['config', '--file', config, key, canary.file])
  writeFileSync(join(outer.path, '.git/modules/sub/info/attributes'), '* filter=x\n')
  outer.git('config', 'submodule.sub.ignore', 'all')
  utimesSync(join(outer.path, 'sub/a'), 1, 1)
  await assertClean({ cwd: outer.path, env })
  writeFileSync(join(outer.path, 'sub/a'), '2')
  const error = await rejects(assertClean({ cwd: outer.path, env }), 'ERR_NOT_CLEAN')
  assert.equal(error.details['changed'], ['sub/a'])
  assert.equal(canary.sang(), [])
})

test('names a moved file by its names', async () => {
  const repository = createRepository()
  repository.commit({ message: 'feat: a', files: { 'a-long-name': 'some text\n' } })
  repository.git('mv', 'a-long-name', 'another-name')
  const error = await rejects(assertClean({ cwd: repository.path, env }), 'ERR_NOT_CLEAN')
  assert.equal(error.details['changed'], ['a-long-name', 'another-name'])
})

test.run()
