// A component that has no image is released all the same: its tag is what stands afterwards.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Receipt } from '@waybill/core'
import { waybill } from '../helpers/cli.ts'
import { createRepository, type TestRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('a release without an image')

const DEFINITION = `schemaVersion: 1
git: { remote: origin }
components:
  client: { path: packages/client, tag: "client-v{version}" }
`

function scene(definition = DEFINITION): TestRepository & { readonly bare: string } {
  const repository = createRepository()
  writeFileSync(join(repository.path, 'waybill.yaml'), definition)
  repository.commit({ message: 'feat: start', files: { 'packages/client/index.js': '1' } })
  const bare = temporaryFolder('bare')
  execFileSync('git', ['init', '--quiet', '--bare', bare])
  repository.git('remote', 'add', 'origin', bare)
  return { ...repository, bare }
}

const tagsOf = (bare: string): string =>
  execFileSync('git', ['for-each-ref', '--format=%(refname:short)'], {
    cwd: bare,
    encoding: 'utf8',
  }).trim()

test('the tag is pushed, the receipt says so, and once more it is unchanged', async () => {
  const { path, bare } = scene()
  for (const outcome of ['applied', 'unchanged']) {
    const { code, json } = await waybill(['release', '--yes', '--json'], { cwd: path })
    const { results, waived } = json() as unknown as Receipt
    assert.is(code, 0)
    assert.is(waived, null)
    assert.equal(
      results.map((result) => [result.destination, result.name, result.outcome]),
      [['git:origin', 'client-v0.1.0', outcome]],
    )
    assert.is(tagsOf(bare), 'client-v0.1.0')
  }
})

test('a dry run prints the plan and pushes nothing', async () => {
  const { path, bare } = scene()
  const { json } = await waybill(['release', '--dry-run', '--json'], { cwd: path })
  const plan = json() as { digest: string; destinations: Record<string, unknown> }
  assert.match(plan.digest, /^sha256:/)
  assert.equal(Object.keys(plan.destinations), ['git:origin'])
  assert.is(tagsOf(bare), '')
})

test('where a release would go nowhere, that is said', async () => {
  const { path } = scene(DEFINITION.replace('git: { remote: origin }\n', ''))
  const { code, stderr } = await waybill(['release', '--yes'], { cwd: path })
  assert.is(code, 2)
  assert.match(stderr, 'client')
  assert.match(stderr, /git.*remote/)
})

test.run()
