// Inputs of every wrong kind: an annotation that names the input and says what is valid.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isWaybillError } from '@waybill/core'
import { readInputs, type InputProblem } from 'waybill-actions/inputs'
import { actions, type ActionName } from 'waybill-actions/interface'
import { kinds, type KindName } from 'waybill-actions/kinds'
import type { Action } from 'waybill-actions/types'
import { createJob } from '../helpers/action.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('inputs')
const all = Object.entries(actions) as [ActionName, Action][]

// A right value of each kind, and wrong ones.
const samples: Readonly<Record<KindName, { right: string; wrong: readonly string[] }>> = {
  text: { right: 'a word', wrong: ['two\nlines'] },
  message: { right: 'fix: a\n\nb', wrong: [] },
  flag: { right: 'True', wrong: ['yes', '1', 'truefalse'] },
  path: { right: 'a folder/file', wrong: ['two\nlines', 'a\0b'] },
  version: { right: '1.4.0-rc.1', wrong: ['1.4', 'v1.4.0', 'latest', '1.4.0 '.repeat(2)] },
  commit: { right: 'a'.repeat(40), wrong: ['abc1234', 'g'.repeat(40), 'HEAD'] },
  digest: { right: `sha256:${'0'.repeat(64)}`, wrong: ['sha256:12', '0'.repeat(64)] },
  host: { right: 'localhost:5000', wrong: ['https://ghcr.io', 'ghcr.io/acme', '-a', 'a:port'] },
  repository: {
    right: 'ghcr.io/acme/hello',
    wrong: [
      'ghcr.io',
      'ghcr.io/acme/hello:1',
      'ghcr.io/Acme/hello',
      'https://ghcr.io/a/b',
      'a b/c',
    ],
  },
  binary: { right: 'linux/amd64=a b', wrong: ['linux=a', 'linux/amd64', 'linux/amd64=', '=a'] },
  pair: { right: 'KEY=a=b', wrong: ['KEY', '=value'] },
  inImage: { right: '/usr/bin/hello', wrong: ['usr/bin/hello', '/', '/usr/bin/'] },
  time: { right: '@1767225600', wrong: ['yesterday', '@', '2026-11-21'] },
  words: { right: '["--port", "80"]', wrong: ['[--port]', '["a"', '[1]', '["a" "b"]'] },
  credential: { right: 'ghcr.io me a secret', wrong: ['ghcr.io', 'ghcr.io me', 'ghcr.io me '] },
}

const right = (action: Action, input: string): string => samples[action.inputs[input]!.kind].right

/** What must be given for the action to start. */
function least(action: Action): Record<string, string> {
  const required = Object.keys(action.inputs).filter((name) => action.inputs[name]!.required)
  const one = (action.rules ?? []).flatMap(({ kind, inputs }) =>
    kind === 'one' ? [inputs[0]!] : [],
  )
  return Object.fromEntries([...required, ...one].map((name) => [name, right(action, name)]))
}

function problemsOf(name: ActionName, inputs: Readonly<Record<string, string>>): InputProblem[] {
  const env = Object.entries(inputs).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value])
  try {
    readInputs(name, Object.fromEntries(env) as Record<string, string>)
    return []
  } catch (error) {
    if (!isWaybillError(error, 'ERR_USAGE')) throw error
    for (const { input } of error.details['problems'] as InputProblem[])
      assert.match(error.message, `Input "${input}": `)
    return error.details['problems'] as InputProblem[]
  }
}

for (const [name, action] of all) {
  test(`${name}: what is right is taken, one input at a time`, () => {
    assert.equal(problemsOf(name, least(action)), [])
    for (const input of Object.keys(action.inputs)) {
      const paired = (action.rules ?? []).filter(
        ({ kind, inputs }) => kind === 'together' && inputs.includes(input),
      )
      const more = paired.flatMap(({ inputs }) => inputs.map((one) => [one, right(action, one)]))
      const others = (action.rules ?? []).filter(
        ({ kind, inputs }) => kind === 'one' && inputs.includes(input),
      )
      const given = { ...least(action), ...Object.fromEntries(more), [input]: right(action, input) }
      for (const { inputs } of others)
        for (const other of inputs) if (other !== input) delete given[other]
      assert.equal(problemsOf(name, given), [], input)
    }
  })

  test(`${name}: every malformed value is named with what is valid`, () => {
    for (const [input, { kind }] of Object.entries(action.inputs)) {
      for (const value of samples[kind].wrong) {
        const found = problemsOf(name, { ...least(action), [input]: value })
        const own = found.filter((problem) => problem.input === input)
        if (action.inputs[input]!.list === true && value.includes('\n')) continue
        const said = own.map(({ message }) => message).join('\n')
        assert.match(said, kinds[kind].says, `${input}: ${JSON.stringify(value)}`)
      }
    }
  })

  test(`${name}: what is required and empty, or blank, is named`, () => {
    for (const [input, { required }] of Object.entries(action.inputs)) {
      if (required !== true) continue
      for (const value of ['', ' \n ']) {
        const found = problemsOf(name, { ...least(action), [input]: value })
        assert.equal(
          found.map((problem) => problem.input),
          [input],
        )
        assert.match(found[0]!.message, 'it is empty')
      }
    }
  })

  test(`${name}: inputs that contradict each other, or lack each other, are named`, () => {
    for (const { kind, inputs } of action.rules ?? []) {
      const both = Object.fromEntries(inputs.map((input) => [input, right(action, input)]))
      const base = least(action)
      for (const input of inputs) delete base[input]
      const wrong = kind === 'together' ? { [inputs[0]!]: both[inputs[0]!]! } : both
      const [problem] = problemsOf(name, { ...base, ...wrong })
      for (const input of inputs)
        assert.match(`${problem!.input} ${problem!.message}`, input, JSON.stringify(wrong))
      if (kind === 'one') assert.is(problemsOf(name, base).length, 1)
    }
  })

  test(`${name}: an unknown input is named with the nearest`, () => {
    const [first] = Object.keys(action.inputs)
    const found = problemsOf(name, { ...least(action), [`${first}s`]: 'x' })
    assert.is(found.length, 1)
    assert.is(found[0]!.input, `${first}s`)
    assert.match(found[0]!.message, `"${first}"`)
  })

  test(`${name}: run with a wrong input it fails with that annotation, every output set and empty`, async () => {
    const wrong = { ...least(action), 'no-such-input': 'x' }
    const result = await createJob(temporaryFolder()).step(name, wrong)
    assert.is(result.code, 1)
    assert.match(result.annotations[0]!.message, 'Input "no-such-input": there is no such input')
    assert.equal(Object.keys(result.outputs), Object.keys(action.outputs))
    assert.equal([...new Set(Object.values(result.outputs))], [''])
  })
}

test('a credential is never quoted', () => {
  const [problem] = problemsOf('setup', { credentials: 'ghcr.io s3cret' })
  assert.not.match(problem!.message, 's3cret')
  assert.match(problem!.message, 'line 1')
})

test('several mistakes are all named, an annotation each', async () => {
  const wrong = { version: 'v1', to: 'ghcr.io', image: '', 'plan-digest': 'x', artifacts: 'dist' }
  const { annotations } = await createJob(temporaryFolder()).step('publish', wrong)
  const named = annotations.flatMap(({ message }) => /^Input "([^"]+)"/.exec(message)?.[1] ?? [])
  assert.equal(named.toSorted(), ['image', 'plan-digest', 'to', 'version'])
})

test('a working folder that is not there is named', async () => {
  const { annotations } = await createJob(temporaryFolder()).step('gate', {
    'working-directory': 'nowhere',
  })
  assert.match(annotations[0]!.message, 'Input "working-directory": there is no folder nowhere')
})

test.run()
