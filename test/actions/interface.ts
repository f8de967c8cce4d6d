// One place says what the inputs and outputs are: every action.yml, the README and the bundle are what it and the sources make.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { actions } from 'waybill-actions/interface'
import type { Action } from 'waybill-actions/types'
import { ROOT, runNode } from '../helpers/cli.ts'

const test = suite('interface of the actions')
const folder = join(ROOT, 'actions')
const all = Object.entries(actions) as [string, Action][]

interface Metadata {
  readonly name: string
  readonly description: string
  readonly inputs: Readonly<
    Record<string, { description: string; required?: boolean; default?: string }>
  >
  readonly outputs: Readonly<Record<string, { description: string }>>
  readonly runs: Readonly<Record<string, string>>
}

const metadata = (name: string): Metadata =>
  parse(readFileSync(join(folder, name, 'action.yml'), 'utf8')) as Metadata

test('every committed file is, byte for byte, what the sources make', async () => {
  const { code, stderr } = await runNode([join(ROOT, 'scripts/dist/actions.js'), '--check'])
  assert.is(code, 0, stderr)
})

test('a folder with an action.yml for each action, and for no other', () => {
  const found = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'action.yml')))
  assert.equal(found.toSorted(), all.map(([name]) => name).toSorted())
})

for (const [name, action] of all) {
  test(`${name}: action.yml says what the data says, and runs a file that is there`, () => {
    const { inputs, outputs, runs, description } = metadata(name)
    assert.is(description, action.description)
    assert.equal(Object.keys(inputs), Object.keys(action.inputs))
    for (const [input, { required = false, default: value }] of Object.entries(inputs)) {
      assert.is(required, action.inputs[input]!.required === true, input)
      assert.is(value, action.inputs[input]!.default, input)
    }
    assert.equal(Object.keys(outputs), Object.keys(action.outputs))
    assert.is(runs['using'], 'node24')
    const files = [runs['main'], runs['post']].filter((file) => file !== undefined)
    for (const file of files) assert.ok(existsSync(join(folder, name, file)), file)
    assert.is(files.length, action.post === true ? 2 : 1)
  })

  test(`${name}: the README lists every input and output`, () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8')
    const [, text = ''] = readme.split(`\n### ${name}\n`)
    const [own] = text.split('\n### ')
    for (const key of [...Object.keys(action.inputs), ...Object.keys(action.outputs)])
      assert.match(own!, `| \`${key}\` |`)
  })

  test(`${name}: rules name inputs that exist, and no output speaks of a repository`, () => {
    for (const { inputs } of action.rules ?? [])
      for (const input of inputs) assert.ok(input in action.inputs, input)
    for (const output of Object.keys(action.outputs))
      assert.not.match(output, /repositor|registr|image|destination/)
  })
}

test('the bundle is smaller than docker/metadata-action’s: 2,823,599 bytes at v6.2.0', () => {
  const files = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' })
  const size = files.reduce((sum, file) => sum + statSync(join(folder, 'dist', file)).size, 0)
  assert.ok(size < 2_823_599 / 2, `${size}`)
})

test.run()
