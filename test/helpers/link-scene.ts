import { chmodSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createContext, isWaybillError } from '@waybill/core'
import { runCommand } from 'waybill'
import { createVictim, type Ground } from './links.ts'
import { createRepository } from './repository.ts'
import { temporaryFolder } from './temporary.ts'
import { tinyElf } from './tiny-elf.ts'

/** A definition of one prebuilt program. */
export const definition = (more = '', build = 'hello'): string => `schemaVersion: 1
components:
  hello:
    path: .
    tag: 'v{version}'
    versionFiles: [${more}]
    builds: [{ toolchain: prebuilt, binary: hello, from: ${build}, platforms: [linux/amd64], versionArgs: [] }]
    archives: { formats: [tar.gz], files: [LICENSE] }
`

/** What a command ended with. */
export interface Result {
  /** The error's code, or those of the findings; `none` for neither. */
  readonly code: string
  /** All that is said. */
  readonly said: string
}

/** A repository to run commands in. */
export interface Scene extends Ground {
  /** Runs a command in this process, `--out` included. */
  readonly run: (...words: readonly string[]) => Promise<Result>
}

async function runIn(cwd: string, words: readonly string[]): Promise<Result> {
  const at = words.indexOf('--out')
  const out = at < 0 ? undefined : resolve(cwd, words[at + 1]!)
  const [name = '', ...rest] = at < 0 ? words : words.toSpliced(at, 2)
  const said: string[] = []
  const log = (line: string): void => void said.push(line)
  const logger = { debug: log, info: log, warn: log, error: log }
  const env = {
    ...process.env,
    HOME: temporaryFolder('home'),
    XDG_CACHE_HOME: temporaryFolder('cache'),
  }
  const context = createContext({ cwd, out, env, logger, signal: AbortSignal.timeout(120_000) })
  try {
    const { json, text } = await runCommand(name, rest, context)
    const { findings = [] } = json as { findings?: readonly { readonly code: string }[] }
    const code = findings.map((finding) => finding.code).join(' ')
    return {
      code: code === '' ? 'none' : code,
      said: [...said, text, JSON.stringify(json)].join('\n'),
    }
  } catch (error) {
    if (!isWaybillError(error)) throw error
    return {
      code: error.code,
      said: [...said, error.message, error.hint, JSON.stringify(error.details)].join('\n'),
    }
  }
}

/** Makes a repository with a definition. */
export function scene(text: string = definition()): Scene {
  const repository = createRepository()
  repository.commit({
    message: 'feat: a',
    files: {
      'waybill.yaml': text,
      hello: tinyElf('linux/amd64'),
      LICENSE: 'text',
      VERSION: '0.1.0\n',
      '.gitignore': 'dist\n.waybill\nparts\n',
    },
  })
  chmodSync(join(repository.path, 'hello'), 0o755)
  return {
    root: repository.path,
    victim: createVictim(join(temporaryFolder('victim'), 'v')),
    run: (...words) => runIn(repository.path, words),
  }
}
