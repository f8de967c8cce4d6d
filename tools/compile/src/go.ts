import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { WaybillError, parseJson, type Platform } from '@waybill/core'
import { pick } from './closed-environment.ts'
import { checkToolVersion, fileIdentity, findTool } from './find-tool.ts'
import { nearestFolderWith } from './nearest-file.ts'
import { createTarget, targetRow } from './targets.ts'
import {
  extraInputs,
  type BuildJob,
  type BuildSource,
  type Tool,
  type Toolchain,
  type ToolchainOptions,
  type Tools,
} from './toolchain.ts'

export interface GoOptions extends ToolchainOptions {
  /** The package to build, relative to the component's folder. @default '.' */
  readonly package?: string | undefined
  /** The string variable that receives the release's version: `main.version`. */
  readonly versionDefine?: string | undefined
}

const INSTALL = 'see go.dev/dl, or `apt-get install golang`'

// How modules are fetched; what they are is settled by go.sum.
const FETCHING = [
  'GOPROXY',
  'GOPRIVATE',
  'GONOPROXY',
  'GONOSUMDB',
  'GOSUMDB',
  'GOINSECURE',
  'GOVCS',
]
const PLACES = ['GOPATH', 'GOMODCACHE']

/** Compiles Go programs without cgo: static, without paths, the same bytes everywhere. */
export function go(options: GoOptions): Toolchain {
  const { binary, toolVersion, ...rest } = options
  return {
    name: 'go',
    binary,
    options: rest,
    target: (platform) => createTarget(platform, goTriple(platform), binary),
    async probe(tools) {
      const tool = await probeGo(tools)
      checkToolVersion('go', tool.version, toolVersion)
      return tool
    },
    inputs: async (source) => [...(await goInputs(source)), ...extraInputs(source, options)],
    build: (job) => buildGo(job, options),
    expect: ({ platform }) => (platform.os === 'linux' ? { static: true } : {}),
  }
}

// A Go program is linked with no C library, so its triple names none.
function goTriple(platform: Platform): string {
  return targetRow(platform, 'go').rust.replace(/-(gnu|gnullvm|gnueabihf)$/, '')
}

async function probeGo(tools: Tools): Promise<Tool> {
  const file = await findTool('go', tools, INSTALL)
  return tools.remember(await fileIdentity(file), async () => {
    const { stdout } = await tools.run(file, ['env', 'GOVERSION'], { env: LOCAL })
    return { name: 'go', file, version: new TextDecoder().decode(stdout).trim().replace(/^go/, '') }
  })
}

// Neither a newer toolchain fetched on the fly nor `go env -w` of this machine may have a say.
const LOCAL = { GOTOOLCHAIN: 'local', GOENV: 'off' }

async function buildGo(job: BuildJob, options: GoOptions): Promise<void> {
  const { ldflags, flags } = splitFlags(options.flags ?? [])
  const version = options.versionDefine
  const linker = [
    '-s -w -buildid=',
    ...(version === undefined ? [] : [`-X ${version}=${job.release.version}`]),
    ...ldflags,
  ].join(' ')
  const args = ['build', '-trimpath', '-buildvcs=false', `-p=${job.jobs}`, `-ldflags=${linker}`]
  await job.run(job.tool.file, [...args, ...flags, '-o', job.output, options.package ?? '.'], {
    cwd: job.source.folder,
    env: {
      ...(await fetching(job)),
      GOCACHE: await job.sharedCache('GOCACHE', 'go'),
      ...goPlatform(job.target.platform),
      ...LOCAL,
      ...options.env,
    },
  })
}

async function fetching(job: BuildJob): Promise<Record<string, string | undefined>> {
  const { stdout } = await job.run(job.tool.file, ['env', '-json', ...FETCHING])
  const asked = parseJson(stdout, '`go env -json`') as Record<string, string>
  return { ...asked, ...pick(job.env, [...PLACES, ...FETCHING]) }
}

// The lowest level of each architecture, named outright: the machine's own setting must not show.
function goPlatform(platform: Platform): Record<string, string> {
  const { os, architecture, variant } = platform
  const arm = architecture === 'arm' ? { GOARM: (variant ?? 'v7').slice(1) } : {}
  return {
    GOOS: os,
    GOARCH: architecture,
    CGO_ENABLED: '0',
    GOAMD64: 'v1',
    GOARM64: 'v8.0',
    GO386: 'sse2',
    ...arm,
  }
}

// A second -ldflags would silently replace the first.
function splitFlags(given: readonly string[]): { ldflags: string[]; flags: string[] } {
  if (given.some((flag) => /^--?ldflags$/.test(flag))) {
    throw new WaybillError('ERR_INVALID_OPTION', 'go: write -ldflags=… as one flag', {
      outcome: 'usage',
    })
  }
  return {
    ldflags: given.filter(isLinker).map((flag) => flag.slice(flag.indexOf('=') + 1)),
    flags: given.filter((flag) => !isLinker(flag)),
  }
}

async function goInputs(source: BuildSource): Promise<readonly string[]> {
  const workspace = await nearestFolderWith('go.work', source)
  if (workspace !== undefined) return [workspace]
  const module = await nearestFolderWith('go.mod', source)
  if (module === undefined) return [source.folder]
  const text = await readFile(join(module, 'go.mod'), 'utf8')
  const replaced = [...text.matchAll(/=>\s*(\.{1,2}\/\S*)/g)].map(([, path]) =>
    resolve(module, path!),
  )
  return [module, ...replaced]
}

const isLinker = (flag: string): boolean => /^--?ldflags=/.test(flag)
