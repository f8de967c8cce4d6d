// Runs an action's bundled file as the runner does: inputs in the environment, outputs, state and summary in files.
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, run } from './cli.ts'
import { temporaryFolder } from './temporary.ts'

/** One job of a workflow: a workspace, a temporary folder and an environment that its steps share. */
export interface TestJob {
  readonly workspace: string
  readonly temp: string
  /** What steps exported for those after them. */
  readonly env: Record<string, string>
  step(name: string, inputs?: Inputs, options?: StepOptions): Promise<StepResult>
}

type Inputs = Readonly<Record<string, string>>

export interface StepOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly onStart?: (child: ChildProcess) => void
}

export interface StepResult {
  readonly code: number | null
  /** Both streams, without the commands that register a mask, which the runner swallows. */
  readonly log: string
  /** Values that were registered to be masked. */
  readonly masks: readonly string[]
  /** `error`, `warning` and `notice` commands, decoded. */
  readonly annotations: readonly Annotation[]
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  /** What the step saved for its post step. */
  readonly state: Readonly<Record<string, string>>
}

export interface Annotation {
  readonly level: string
  readonly properties: Readonly<Record<string, string>>
  readonly message: string
}

export function createJob(workspace: string, env: Record<string, string> = {}): TestJob {
  const temp = temporaryFolder('runner')
  const job: TestJob = {
    workspace,
    temp,
    env,
    step: (name, inputs = {}, options = {}) => runStep(job, name, { inputs, ...options }),
  }
  return job
}

let steps = 0

async function runStep(
  { workspace, temp, env }: TestJob,
  name: string,
  { inputs, env: more = {}, onStart }: StepOptions & { readonly inputs: Inputs },
): Promise<StepResult> {
  const folder = join(temp, `step-${++steps}`)
  mkdirSync(folder)
  const file = (part: string): string => join(folder, part)
  for (const part of ['output', 'env', 'state', 'summary']) writeFileSync(file(part), '')
  const given = Object.entries(inputs).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value])
  const result = await run(process.execPath, [join(ROOT, `actions/dist/${name}.js`)], {
    cwd: workspace,
    env: {
      GITHUB_WORKSPACE: workspace,
      GITHUB_ACTIONS: 'true',
      GITHUB_OUTPUT: file('output'),
      GITHUB_ENV: file('env'),
      GITHUB_STATE: file('state'),
      GITHUB_STEP_SUMMARY: file('summary'),
      RUNNER_TEMP: temp,
      ...env,
      ...more,
      ...(Object.fromEntries(given) as Record<string, string>),
    },
    ...(onStart === undefined ? {} : { onStart }),
  })
  Object.assign(env, readPairs(file('env')))
  const lines = `${result.stdout}${result.stderr}`.split('\n')
  return {
    code: result.code,
    log: lines.filter((line) => !isMask(line)).join('\n'),
    masks: lines.filter(isMask).map((line) => decode(line.slice('::add-mask::'.length))),
    annotations: lines.flatMap(annotationOf),
    outputs: readPairs(file('output')),
    summary: existsSync(file('summary')) ? readFileSync(file('summary'), 'utf8') : '',
    state: readPairs(file('state')),
  }
}

const isMask = (line: string): boolean => line.startsWith('::add-mask::')

const decode = (text: string): string =>
  text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%')

function annotationOf(line: string): Annotation[] {
  const [, level, words = '', message] =
    /^::(error|warning|notice)(?: ([^:]*(?:%3A[^:]*)*))?::(.*)$/.exec(line) ?? []
  if (level === undefined) return []
  const pairs = words.split(',').filter((word) => word.includes('='))
  const properties = pairs.map((word) => [
    word.slice(0, word.indexOf('=')),
    decode(word.slice(word.indexOf('=') + 1)),
  ])
  return [{ level, properties: Object.fromEntries(properties), message: decode(message ?? '') }]
}

// NAME<<DELIMITER, the value's lines, DELIMITER.
function readPairs(file: string): Record<string, string> {
  const pairs: Record<string, string> = {}
  const lines = readFileSync(file, 'utf8').split('\n')
  for (let at = 0; at < lines.length; at++) {
    const [, name, delimiter] = /^([^<]+)<<(.+)$/.exec(lines[at]!) ?? []
    if (name === undefined) continue
    const end = lines.indexOf(delimiter!, at + 1)
    pairs[name] = lines.slice(at + 1, end).join('\n')
    at = end
  }
  return pairs
}
