// The workflows this repository is released by: right, pinned, with least rights, and no text of others in a shell.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ROOT, run } from '../helpers/cli.ts'
import { testWith } from '../helpers/needs.ts'

const test = suite('workflows of this repository')
const folder = join(ROOT, '.github/workflows')
const files = readdirSync(folder).map((file) => join(folder, file))

interface Workflow {
  readonly permissions: unknown
  readonly concurrency: { readonly 'cancel-in-progress': boolean }
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>
}

interface Step {
  readonly uses?: string
  readonly run?: string
}

testWith(test, ['actionlint'], 'actionlint finds nothing', async () => {
  const { code, stdout } = await run('actionlint', files)
  assert.is(code, 0, stdout)
})

for (const file of files) {
  test(`${file.slice(ROOT.length + 1)}: pinned, least rights, nothing pasted into a shell`, () => {
    const text = readFileSync(file, 'utf8')
    const { permissions, concurrency, jobs } = parse(text) as Workflow
    assert.equal(permissions, {})
    assert.is(concurrency['cancel-in-progress'], false)
    for (const { uses, run: script = '' } of Object.values(jobs).flatMap(({ steps }) => steps)) {
      if (uses !== undefined) assert.match(uses, /^[\w-]+\/[\w./-]+@[0-9a-f]{40}$/)
      assert.not.match(script, '${{')
    }
  })
}

test.run()
