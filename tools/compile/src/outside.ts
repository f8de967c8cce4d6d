import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join, parse } from 'node:path'
import { foldersOutside, isBelow } from '@waybill/core'

type Environment = Readonly<Record<string, string | undefined>>

/** How tools are asked where nothing of a repository may run, or choose what runs. */
export interface Outside {
  /** The repository's root: no program in it is run. */
  readonly root: string
  /** An empty folder that programs are run in: what lies in the repository chooses a version, or is even run. */
  readonly folder: string
  /** Variables that are set whatever was declared. */
  readonly env: Environment
}

/** Lends an empty folder outside of a repository, and what keeps tools from looking elsewhere. */
export async function withOutside<Result>(
  root: string,
  env: Environment,
  work: (outside: Outside) => Promise<Result>,
): Promise<Result> {
  const parent = await parentOutside(root)
  const folder = parent === undefined ? undefined : await mkdtemp(join(parent, 'waybill-probe-'))
  const PATH = (await foldersOutside(root, env)).join(delimiter)
  const forced = { PATH, GOTOOLCHAIN: 'local', GOWORK: 'off', ...(await rustToolchain(env)) }
  try {
    return await work({ root, folder: folder ?? parse(root).root, env: forced })
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

// The folder for temporary files may lie in the repository, whose files would count for what is below them.
async function parentOutside(root: string): Promise<string | undefined> {
  const real = await realpath(root)
  for (const parent of [tmpdir(), homedir()]) {
    const found = await realpath(parent).catch(() => undefined)
    if (found !== undefined && !isBelow(real, found)) return found
  }
  return undefined
}

// rustup asks the files of every folder above for a toolchain, unless it is named; the default is the user's own.
async function rustToolchain(env: Environment): Promise<Environment> {
  const { RUSTUP_TOOLCHAIN, RUSTUP_HOME, HOME } = env
  if (RUSTUP_TOOLCHAIN !== undefined && RUSTUP_TOOLCHAIN !== '') return { RUSTUP_TOOLCHAIN }
  const home = RUSTUP_HOME ?? join(HOME ?? homedir(), '.rustup')
  const text = await readFile(join(home, 'settings.toml'), 'utf8').catch(() => '')
  const name = /^default_toolchain = "([^"\n]+)"$/m.exec(text)?.[1]
  return name === undefined ? {} : { RUSTUP_TOOLCHAIN: name }
}
