// Hostile commits on every surface of the actions: log, annotations, summary, outputs.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createJob, type StepResult } from '../helpers/action.ts'
import { HOSTILE, OBEYED } from '../helpers/hostile-text.ts'
import { createRepository } from '../helpers/repository.ts'

const test = suite<{ workspace: string }>('hostile text in actions')
const CHARACTERS = HOSTILE.filter((one) => !/[\0\n]|\p{Surrogate}/u.test(one))
const EVIL =
  '\u001B[31m\r::set-output name=due::evil\u0085::error::forged\u2028::stop-commands::x\u202E##[error]x'

test.before((given) => {
  const { path, git, commit } = createRepository()
  given.workspace = path
  writeFileSync(join(path, 'package.json'), '{"name":"a","version":"0.1.0"}')
  commit({ message: 'chore: begin' })
  git('tag', 'v0.1.0')
  for (const one of CHARACTERS) commit({ message: `fix: before${one}after`, files: { x: one } })
  commit({ message: `feat: last ${EVIL}\n\n${EVIL}\n\nBREAKING CHANGE: ${EVIL}` })
  commit({ message: `${EVIL}: fix` })
})

function assertShown({ log, summary, annotations }: StepResult, what: string): void {
  for (const [name, text] of Object.entries({ log, summary })) {
    assert.not.match(text.replaceAll(/[\n\t]/g, ''), OBEYED, `${what}: ${name}`)
    // What the runner takes for a command, after trimming the white space that .NET knows.
    for (const line of text.split(/[\r\n]/).map((one) => one.replace(/^[\s\u0085\uFEFF]+/, ''))) {
      assert.not.match(line, /^::(?:set-output|stop-commands|add-path)|^::error::forged/, what)
      assert.not.match(line, '##[')
    }
  }
  for (const { message, properties } of annotations)
    assert.not.match(
      `${message}${JSON.stringify(properties)}`.replaceAll(/[\n\t]/g, ''),
      OBEYED,
      what,
    )
}

for (const [name, inputs] of [
  ['gate', {}],
  ['plan', {}],
  ['version', {}],
  ['lint', { title: `fix: ${EVIL}` }],
  ['lint', { title: EVIL }],
  ['gate', { component: EVIL }],
  ['gate', { config: EVIL }],
  ['verify', { image: EVIL, artifacts: EVIL }],
] as const) {
  test(`${name} ${Object.keys(inputs).join(' ')} shows it`, async ({ workspace }) => {
    const step = await createJob(workspace).step(name, inputs)
    assertShown(step, name)
    assert.not.equal(step.outputs['due'], 'evil')
  })
}

test('outputs keep values exactly', async ({ workspace }) => {
  const { outputs } = await createJob(workspace).step('plan')
  const values = Object.values(outputs).join('\n')
  assert.ok(values.length > 0)
  for (const value of Object.values(outputs).filter(
    (one) => one.startsWith('{') || one.startsWith('['),
  ))
    assert.type(JSON.parse(value), 'object')
})

test.run()
