import { cpSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { $ } from 'zx'

interface Step {
  readonly message: string
  /** Files of the example that this commit adds. */
  readonly add: readonly string[]
  readonly tags?: readonly string[]
}

const example = resolve(import.meta.dirname, '../../docs/examples/hello')

// A fixed person and fixed times give the commits the same names on every machine, and so the release the same digests.
const START = 1_767_225_600

function environment(minutes: number): Record<string, string | undefined> {
  const who = { NAME: 'Hello', EMAIL: 'hello@example.org', DATE: `${START + 60 * minutes} +0000` }
  const fixed = Object.entries(who).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ])
  const blind = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  return { ...process.env, ...blind, ...Object.fromEntries(fixed) }
}

async function commit(
  folder: string,
  { message, add, tags = [] }: Step,
  index: number,
): Promise<void> {
  const git = $({ cwd: folder, env: environment(index), quiet: true })
  for (const file of add) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(example, file), join(folder, file))
  }
  if (add.length > 0) await git`git add -- ${add}`
  await git`git commit --quiet --allow-empty --message ${message}`
  for (const tag of tags) await git`git tag ${tag}`
}

/** Makes a real git repository of docs/examples/hello, with the history of its history.json; whole or not at all. */
export async function makeExampleRepository(folder: string): Promise<void> {
  const unfinished = `${folder}.new`
  await $`rm -rf ${folder} ${unfinished}`
  mkdirSync(unfinished, { recursive: true })
  await $({
    cwd: unfinished,
    env: environment(0),
    quiet: true,
  })`git init --quiet --initial-branch=main`
  const history = JSON.parse(readFileSync(join(example, 'history.json'), 'utf8')) as Step[]
  for (const [index, step] of history.entries()) await commit(unfinished, step, index)
  renameSync(unfinished, folder)
}
