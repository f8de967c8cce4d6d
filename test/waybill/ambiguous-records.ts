// What Waybill wrote and somebody may have changed: every key of a build's record and a lock file, twice or in another case, is refused.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BUILD_RECORD, readBuildRecord } from '@waybill/compile'
import { isWaybillError } from '@waybill/core'
import { readLock } from 'waybill'
import { docOf, mutants, write } from '../helpers/json-documents.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('ambiguous records')
const folder = temporaryFolder('records')
const DIGEST = `sha256:${'a'.repeat(64)}`

const RECORD = docOf({
  schemaVersion: 1,
  definition: DIGEST,
  releases: [
    { component: 'a', path: '.', version: '1.0.0', tag: 'v1.0.0', commit: 'abc', created: 5 },
  ],
  artifacts: [
    {
      kind: 'binary',
      name: 'n',
      path: 'p/n',
      digest: DIGEST,
      size: 3,
      platform: 'linux/amd64',
      component: 'a',
      triple: 'x86_64-linux',
    },
  ],
})

const PIN = { version: '1', filename: 'pool/x.deb', size: 3, sha256: 'a'.repeat(64) }
const LOCK = docOf(
  {
    schemaVersion: 1,
    bases: { 'gcr.io/x:y': { digest: DIGEST } },
    packages: {
      'base-debian13': { schemaVersion: 1, suite: 'trixie', packages: { libc6: { amd64: PIN } } },
    },
    tools: { zig: '1', task: '2' },
  },
  (key) => ['bases', 'packages', 'libc6', 'tools'].includes(key),
)

async function codeOf(reading: Promise<unknown>): Promise<string | undefined> {
  try {
    await reading
    return undefined
  } catch (error) {
    if (isWaybillError(error)) return error.code
    throw error
  }
}

const readRecord = (text: string): Promise<string | undefined> => {
  writeFileSync(join(folder, BUILD_RECORD), text)
  return codeOf(readBuildRecord(folder))
}

test('the record of a build', async () => {
  assert.is(await readRecord(write(RECORD)), undefined)
  const all = [...mutants(RECORD)]
  for (const { text, what, isAmbiguous } of all)
    assert.is((await readRecord(text)) === 'ERR_AMBIGUOUS_JSON', isAmbiguous, `${what}: ${text}`)
  assert.ok(all.length > 300)
})

test('a lock file', async () => {
  const file = join(folder, 'waybill.lock')
  const read = (text: string): Promise<string | undefined> => {
    writeFileSync(file, text)
    return codeOf(readLock(file))
  }
  assert.is(await read(write(LOCK)), undefined)
  const all = [...mutants(LOCK)]
  for (const { text, what, isAmbiguous } of all)
    assert.is(await read(text), isAmbiguous ? 'ERR_AMBIGUOUS_JSON' : undefined, `${what}: ${text}`)
  assert.ok(all.length > 300)
})

test.run()
