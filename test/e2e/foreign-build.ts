// What `archive` takes from the output folder is what was built of this commit, by this definition, and is still the same.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { createCopying } from '../helpers/copying.ts'
import { program } from '../helpers/images.ts'
import type { TestRepository } from '../helpers/repository.ts'

const test = suite('a build of somebody else')
const EVIL = program('amd64', 'EVIL')

interface Built {
  repository: TestRepository
  record: string
  binary: string
}

async function built(): Promise<Built> {
  const repository = createCopying()
  const result = await waybill(['build', '--json', '--cwd', repository.path])
  assert.is(result.code, 0, result.stderr)
  const out = join(repository.path, 'dist')
  return { repository, record: join(out, 'waybill.json'), binary: join(out, 'linux-amd64/hello') }
}

const edit = (file: string, from: string | RegExp, to: string): void => {
  const text = readFileSync(file, 'utf8')
  const changed = text.replace(from, to)
  assert.not.equal(changed, text)
  writeFileSync(file, changed)
}

const codeOf = ({ json }: CliResult): string => (json() as { error: { code: string } }).error.code

const wrong: Readonly<Record<string, readonly [string, (given: Built) => void]>> = {
  'a binary that was changed': ['ERR_DIGEST_MISMATCH', ({ binary }) => writeFileSync(binary, EVIL)],
  'a binary that is gone': [
    'ERR_DIGEST_MISMATCH',
    ({ binary, record }) => {
      renameSync(binary, `${binary}.old`)
      edit(record, '"kind":"binary"', '"kind":"archive"')
    },
  ],
  'a record of another commit': [
    'ERR_FOREIGN_BUILD',
    ({ record }) => edit(record, /"commit":"[0-9a-f]{40}"/, `"commit":"${'a'.repeat(40)}"`),
  ],
  'another commit that is checked out': [
    'ERR_FOREIGN_BUILD',
    ({ repository }) => void repository.commit({ message: 'fix: second', files: { a: 'a' } }),
  ],
  'a record of another definition': [
    'ERR_FOREIGN_BUILD',
    ({ record }) =>
      edit(record, /"definition":"sha256:[0-9a-f]{64}"/, `"definition":"${digestOf('x')}"`),
  ],
  'a definition that was changed': [
    'ERR_FOREIGN_BUILD',
    ({ repository }) => edit(join(repository.path, 'waybill.yaml'), 'tar.gz', 'zip'),
  ],
}

for (const [what, [code, change]] of Object.entries(wrong))
  test(`archive refuses ${what}`, async () => {
    const given = await built()
    change(given)
    const result = await waybill(['archive', '--json', '--cwd', given.repository.path])
    assert.is(result.code, 1, result.stdout)
    assert.is(codeOf(result), code)
  })

test('archive says of a record that somebody else wrote that it is so, and of its own nothing', async () => {
  const { repository, record, binary } = await built()
  const own = await waybill(['archive', '--json', '--cwd', repository.path])
  assert.is(own.code, 0, own.stderr)
  assert.not.match(own.stderr, 'was not written by')
  writeFileSync(binary, EVIL)
  edit(
    record,
    /"digest":"sha256:[0-9a-f]{64}"([^}]*"kind":"binary")/,
    `"digest":"${digestOf(EVIL)}"$1`,
  )
  const other = await waybill(['archive', '--json', '--cwd', repository.path])
  assert.match(other.stderr, 'was not written by')
})

test('build keeps nothing of a record that somebody else wrote', async () => {
  const { repository, record } = await built()
  const text = readFileSync(record, 'utf8')
  const { artifacts } = JSON.parse(text) as { artifacts: { path: string }[] }
  const more = { ...artifacts[0], path: 'linux-arm64/hello', platform: 'linux/arm64' }
  edit(record, '"artifacts":[', `"artifacts":[${JSON.stringify(more)},`)
  await waybill(['build', '--cwd', repository.path])
  assert.is(readFileSync(record, 'utf8'), text)
  assert.not.ok(existsSync(join(repository.path, '.waybill/cache')))
})

test.run()
