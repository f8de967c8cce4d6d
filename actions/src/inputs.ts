import { WaybillError, quotedAddress, suggest } from '@waybill/core'
import { actions, type ActionName } from './interface.ts'
import { kinds } from './kinds.ts'
import type { Action, Input, Rule } from './types.ts'

type ValueOf<Described> = Described extends { readonly list: true }
  ? readonly string[]
  : Described extends { readonly kind: 'flag' }
    ? boolean
    : Described extends { readonly required: true } | { readonly default: string }
      ? string
      : string | undefined

/** The checked inputs of an action, by their names. */
export type InputsOf<Name extends ActionName> = {
  readonly [Key in keyof (typeof actions)[Name]['inputs']]: ValueOf<
    (typeof actions)[Name]['inputs'][Key]
  >
}

/** What is wrong with one input. */
export interface InputProblem {
  readonly input: string
  readonly message: string
}

type Env = Readonly<Record<string, string | undefined>>

const variable = (input: string): string => `INPUT_${input.toUpperCase()}`

/**
 * Reads an action's inputs as the runner hands them over.
 * @throws {ERR_USAGE} with every problem among its details: the input's name, what is valid, what was found.
 */
export function readInputs<Name extends ActionName>(name: Name, env: Env): InputsOf<Name> {
  const action: Action = actions[name]
  const given = Object.keys(action.inputs).map((input): [string, string] => [
    input,
    env[variable(input)]?.trim() ?? '',
  ])
  const problems = [
    ...unknownInputs(action, env),
    ...given.flatMap(([input, text]) => problemsOf(input, text, action.inputs[input]!)),
    ...(action.rules ?? []).flatMap((rule) => broken(rule, new Map(given))),
  ]
  if (problems.length > 0) throw invalid(name, problems)
  const values = given.map(([input, text]) => [input, valueOf(text, action.inputs[input]!)])
  return Object.fromEntries(values) as InputsOf<Name>
}

/** Takes the inputs out of an environment, which programs that are started inherit. */
export function forgetInputs(env: Record<string, string | undefined>): void {
  for (const name of Object.keys(env)) if (name.startsWith('INPUT_')) delete env[name]
}

// An expression is the runner's to fill in.
const defaultOf = ({ default: text = '' }: Input): string => (text.startsWith('${{') ? '' : text)

function valueOf(text: string, input: Input): unknown {
  const value = text === '' ? defaultOf(input) : text
  if (input.list === true) return linesOf(value)
  if (input.kind === 'flag') return value.toLowerCase() === 'true'
  return value === '' && input.default === undefined ? undefined : value
}

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')

function unknownInputs(action: Action, env: Env): InputProblem[] {
  const names = Object.keys(action.inputs)
  const known = new Set(names.map(variable))
  return Object.keys(env)
    .filter((key) => key.startsWith('INPUT_') && !known.has(key))
    .map((key) => {
      const input = key.slice('INPUT_'.length).toLowerCase()
      return { input, message: `there is no such input; ${suggest(input, names)}` }
    })
}

function problemsOf(input: string, text: string, described: Input): InputProblem[] {
  const { says, matches } = kinds[described.kind]
  if (text === '') {
    if (described.required !== true) return []
    const expected = described.list === true ? `${says}, one a line` : says
    return [{ input, message: `it is empty; expected ${expected}. ${described.description}` }]
  }
  const values = described.list === true ? linesOf(text) : [text]
  return values.flatMap((value, line) => {
    if (matches.test(value)) return []
    const where = described.list === true ? `line ${line + 1}: ` : ''
    return [{ input, message: `${where}expected ${says}${found(value, described)}` }]
  })
}

// What was meant to be a credential is one, however it is written.
const found = (value: string, { kind }: Input): string =>
  kind === 'credential'
    ? ', and a part of it is missing; is the secret set, and may this workflow read it?'
    : `, found "${(isAddress(kind) ? quotedAddress(value) : value).slice(0, 80)}"`

// What names a place may hold a password by mistake.
const isAddress = (kind: Input['kind']): boolean => kind === 'repository' || kind === 'host'

const problem = (input: string, message: string): InputProblem[] => [{ input, message }]

function broken({ kind, inputs }: Rule, given: ReadonlyMap<string, string>): InputProblem[] {
  const there = inputs.filter((input) => given.get(input) !== '')
  const missing = inputs.filter((input) => given.get(input) === '')
  if (kind === 'together' && there.length > 0 && missing.length > 0)
    return problem(missing[0]!, `it goes together with ${there.join(', ')}: give all or none`)
  if (kind !== 'together' && there.length > 1)
    return problem(there[1]!, `it contradicts ${there[0]}: give one of ${inputs.join(', ')}`)
  if (kind === 'one' && there.length === 0)
    return problem(missing[0]!, `one of ${inputs.join(', ')} must be given`)
  return []
}

function invalid(name: string, problems: readonly InputProblem[]): WaybillError {
  const lines = problems.map(({ input, message }) => `Input "${input}": ${message}`)
  return new WaybillError('ERR_USAGE', lines.join('\n'), {
    outcome: 'usage',
    hint: `actions/README.md lists the inputs of ${name}.`,
    details: { problems },
  })
}
