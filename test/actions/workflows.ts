// The example's workflows: right for actionlint and for GitHub's own parser, pinned, with least rights, and true to the actions' interface.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { actions } from 'waybill-actions/interface'
import type { Action } from 'waybill-actions/types'
import { ROOT, run } from '../helpers/cli.ts'
import { testWith } from '../helpers/needs.ts'
import { readWorkflow } from '../helpers/workflow-parser.ts'

const test = suite('workflows of the example')
const folder = join(ROOT, 'docs/examples/hello/.github/workflows')
const files = readdirSync(folder)

interface Step {
  readonly id?: string
  readonly uses?: string
  readonly run?: string
  readonly if?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly outputs?: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}

interface Workflow {
  readonly permissions?: unknown
  readonly concurrency: { readonly 'cancel-in-progress': boolean }
  readonly jobs: Readonly<Record<string, Job>>
}

const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8')
const workflowOf = (file: string): Workflow => parse(textOf(file)) as Workflow
const actionOf = (uses = ''): Action | undefined => {
  const [, name] = /^acme\/waybill\/actions\/([a-z-]+)@/.exec(uses) ?? []
  if (name === undefined) return undefined
  assert.ok(name in actions, `there is no action ${name}`)
  return (actions as Readonly<Record<string, Action>>)[name]
}

testWith(test, ['actionlint'], 'actionlint finds nothing', async () => {
  const { code, stdout } = await run(
    'actionlint',
    files.map((file) => join(folder, file)),
  )
  assert.is(code, 0, stdout)
})

for (const file of files) {
  test(`${file}: GitHub's own parser takes it`, async () => {
    const { jobs, errors } = await readWorkflow(file, textOf(file))
    assert.equal(errors, [])
    assert.equal(jobs, Object.keys(workflowOf(file).jobs))
    const broken = textOf(file).replace('runs-on:', 'run-on:')
    assert.ok((await readWorkflow(file, broken)).errors.length > 0)
  })

  test(`${file}: every action is pinned by commit`, () => {
    const used = Object.values(workflowOf(file).jobs).flatMap(({ steps }) => steps)
    for (const { uses } of used)
      if (uses !== undefined) assert.match(uses, /^[\w-]+\/[\w./-]+@[0-9a-f]{40}$/)
    for (const [line] of textOf(file).matchAll(/^.*uses: .*$/gm)) assert.match(line, /# v\d/)
  })

  test(`${file}: nothing is allowed that a job does not ask for, and no job asks for more than it needs`, () => {
    const { permissions, jobs } = workflowOf(file)
    assert.equal(permissions, {})
    for (const [name, job] of Object.entries(jobs)) {
      const writes = job.steps.some(({ uses }) => /actions\/(?:release|publish)@/.test(uses ?? ''))
      const rights = Object.values(job.permissions ?? { none: 'missing' })
      assert.is(rights.includes('write'), writes, name)
      assert.not.ok(rights.includes('missing'), name)
    }
  })

  test(`${file}: no expression in a run: line, and secrets only go to setup`, () => {
    for (const { steps } of Object.values(workflowOf(file).jobs)) {
      for (const step of steps) {
        assert.not.match(step.run ?? '', '${{')
        const { uses = '', ...rest } = step
        if (JSON.stringify(rest).includes('secrets.')) assert.match(uses, '/actions/setup@')
      }
    }
  })

  test(`${file}: only inputs and outputs that exist`, () => {
    for (const { steps, outputs = {} } of Object.values(workflowOf(file).jobs)) {
      for (const { uses, with: inputs = {} } of steps)
        for (const input of Object.keys(inputs))
          assert.ok(input in (actionOf(uses)?.inputs ?? { [input]: '' }), `${uses}: ${input}`)
      const text = JSON.stringify([steps, outputs])
      for (const [, id, output] of text.matchAll(/steps\.(\w+)\.outputs\.([\w-]+)/g)) {
        const action = actionOf(steps.find((step) => step.id === id)?.uses)
        assert.ok(Object.keys(action?.outputs ?? {}).includes(output!), `${id}: ${output}`)
      }
    }
  })
}

test('a release that has begun is never cancelled', () => {
  for (const file of files.filter((name) => name.startsWith('release')))
    assert.is(workflowOf(file).concurrency['cancel-in-progress'], false)
})

test.run()
