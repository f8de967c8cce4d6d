// The example in the README is run as it stands, on a release script that finishes what was begun, and on one that does not.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('README of testkit')
const root = resolve(import.meta.dirname, '../../..')
const readme = readFileSync(join(root, 'tools/testkit/README.md'), 'utf8')
const [, example = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? []

const script = (names: readonly string[]): string => `
import { createHash } from 'node:crypto'
const at = 'http://' + process.env.REGISTRY + '/v2/acme/scim'
const digest = 'sha256:' + createHash('sha256').update('{}').digest('hex')
await fetch(at + '/blobs/uploads/?digest=' + digest, { method: 'POST', body: '{}' })
const type = 'application/vnd.oci.image.manifest.v1+json'
const body = JSON.stringify({ schemaVersion: 2, mediaType: type, config: { mediaType: 'x', digest, size: 2 }, layers: [] })
for (const name of ${JSON.stringify(names)}) {
  const put = await fetch(at + '/manifests/' + name, { method: 'PUT', body, headers: { 'content-type': type } })
  if (!put.ok) throw new Error(String(put.status))
}
`

async function outcomeWith(names: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(dirname(import.meta.dirname), 'readme-')) // where the packages can be found
  mkdirSync(join(folder, 'scripts'))
  writeFileSync(join(folder, 'scripts/release.js'), script(names))
  writeFileSync(join(folder, 'example.js'), example)
  try {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    await promisify(execFile)(process.execPath, ['example.js'], {
      cwd: folder,
      env,
      timeout: 60_000,
    })
    return 'passed'
  } catch (error) {
    return (error as { stdout: string }).stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (process.platform === 'linux') {
  test('passes for a script in the right order', async () => {
    assert.is(await outcomeWith(['1.0.0', 'latest']), 'passed')
  })

  test('fails for one that moves latest first', async () => {
    assert.match(
      await outcomeWith(['latest', '1.0.0']),
      /AssertionError|did not match|ERR_ASSERTION/,
    )
  })
}

test.run()
