// GitHub workflows on this machine: act without a container, our actions and stand-ins for the artifact actions in place of those
// on GitHub, and an artifact server of act's own.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, run } from './cli.ts'
import { freePort } from './docker-registry.ts'
import { temporaryFolder } from './temporary.ts'

const ACTIONS = [
  'dist',
  'setup',
  'gate',
  'build',
  'release',
  'lint',
  'version',
  'plan',
  'image',
  'verify',
  'publish',
]

export interface ActOptions {
  readonly workflow: string
  /** @default 'push' */
  readonly event?: 'push' | 'pull_request'
  /** What the event says. */
  readonly payload?: object
  readonly secrets: Readonly<Record<string, string>>
  readonly variables: Readonly<Record<string, string>>
  /** What the runner sets for every step: `GITHUB_API_URL`, `GITHUB_REPOSITORY` … */
  readonly env: Readonly<Record<string, string>>
}

export interface ActResult {
  readonly code: number | null
  readonly log: string
  /** How each job that ran ended, by its name: `build-2` is the second of a matrix. */
  readonly jobs: Readonly<Record<string, string>>
  /** Where the artifact server keeps what jobs handed over. */
  readonly artifacts: string
}

/** Runs a workflow of a checkout for an event. */
export async function act(
  checkout: string,
  { workflow, event = 'push', payload = {}, secrets, variables, env }: ActOptions,
): Promise<ActResult> {
  const folder = temporaryFolder('act')
  const artifacts = join(folder, 'artifacts')
  mkdirSync(artifacts)
  const told = join(folder, 'event.json')
  writeFileSync(told, JSON.stringify(payload))
  const result = await run(
    'act',
    [
      event,
      `--eventpath=${told}`,
      '--workflows',
      workflow,
      '--platform=ubuntu-latest=-self-hosted',
      '--actor=me',
      `--action-cache-path=${join(folder, 'cache')}`,
      `--artifact-server-path=${artifacts}`,
      '--artifact-server-addr=127.0.0.1',
      `--artifact-server-port=${await freePort()}`,
      '--no-cache-server',
      '--use-new-action-cache',
      // What is hidden in the log would prove nothing about what was said.
      '--insecure-secrets',
      ...localActions(folder, workflow).map((words) => `--local-repository=${words}`),
      ...Object.keys(secrets).map((name) => `--secret=${name}`),
      ...Object.entries(env).map(([name, value]) => `--env=${name}=${value}`),
      ...Object.entries(variables).map(([name, value]) => `--var=${name}=${value}`),
    ],
    { cwd: checkout, env: { ...secrets, HOME: folder, XDG_CACHE_HOME: join(folder, 'xdg') } },
  )
  const log = `${result.stdout}${result.stderr}`
  return { code: result.code, log, artifacts, jobs: jobsOf(log) }
}

function jobsOf(log: string): Record<string, string> {
  const ended = log.matchAll(/^\[[^\]/]*\/([^\]]+?)\s*\].*🏁 {2}Job (succeeded|failed)/gmu)
  return Object.fromEntries([...ended].map(([, name, how]) => [name!, how!]))
}

// Each reference `owner/repository@commit` of the workflow, and the folder that takes its place.
function localActions(folder: string, workflow: string): string[] {
  const waybill = join(folder, 'waybill')
  for (const part of ['package.json', ...ACTIONS])
    cpSync(join(ROOT, 'actions', part), join(waybill, 'actions', part), { recursive: true })
  const fixtures = join(ROOT, 'test/fixtures')
  const folders: Readonly<Record<string, string>> = {
    'acme/waybill': waybill,
    'actions/upload-artifact': join(fixtures, 'upload-artifact'),
    'actions/download-artifact': join(fixtures, 'download-artifact'),
  }
  const used = readFileSync(workflow, 'utf8').matchAll(
    /uses: ([\w.-]+\/[\w.-]+)[\w./-]*@([0-9a-f]{40})/g,
  )
  const references = new Map(
    [...used].flatMap(([, repository = '', commit]) => {
      const at = folders[repository]
      return at === undefined ? [] : [[`${repository}@${commit}`, at]]
    }),
  )
  return [...references].map(([reference, at]) => `${reference}=${at}`)
}
