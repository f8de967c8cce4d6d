import { access, copyFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { WaybillError, formatPlatform, isProgram } from '@waybill/core'
import { linkExpectation } from './check-binary.ts'
import { pick } from './closed-environment.ts'
import { checkToolVersion, findTool } from './find-tool.ts'
import { checkGlibcFloor, zigGlibcVersions } from './glibc-floor.ts'
import { nearestFolderWith } from './nearest-file.ts'
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
import { zigBehind, zigEnvironment } from './zig.ts'

export interface CargoZigbuildOptions extends ToolchainOptions {
  /** The crate that holds the binary. @default the one in the component's folder */
  readonly package?: string | undefined
  readonly features?: readonly string[] | undefined
  /** The oldest glibc it must start on. @default '2.28' */
  readonly glibc?: string | undefined
  /** Link with musl, statically. @default false */
  readonly static?: boolean | undefined
  /** More flags for rustc. Those in RUSTFLAGS and in cargo's configuration files do not count. */
  readonly rustflags?: readonly string[] | undefined
  /** Libraries it may need beside glibc's own. */
  readonly libraries?: readonly string[] | undefined
}

const INSTALL = '`pip install cargo-zigbuild ziglang` in a virtual environment on PATH'
const RUST = 'see rustup.rs'

/** Compiles Rust programs with cargo-zigbuild: down to an old glibc, without libgcc_s, or static with musl. */
export function cargoZigbuild(options: CargoZigbuildOptions): Toolchain {
  const { binary, toolVersion, ...rest } = options
  const floor = options.glibc ?? '2.28'
  return {
    name: 'cargo-zigbuild',
    binary,
    options: rest,
    target(platform) {
      const { rust } = targetRow(platform, 'cargo-zigbuild')
      return createTarget(platform, options.static === true ? muslTriple(rust) : rust, binary)
    },
    async probe(tools) {
      const tool = await probeCargo(tools)
      checkToolVersion('cargo-zigbuild', tool.facts!['zigbuild']!, toolVersion)
      return tool
    },
    async check(tool, targets) {
      for (const target of targets) await checkTarget(tool, target, options)
      if (options.static === true || !targets.some(({ platform }) => platform.os === 'linux'))
        return
      checkGlibcFloor(floor, await zigGlibcVersions(tool.facts!['lib']!), targets)
    },
    async inputs(source) {
      const workspace = (await nearestFolderWith('Cargo.lock', source)) ?? source.folder
      return [workspace, ...extraInputs(source, options)]
    },
    build: (job) => buildCargo(job, { ...options, glibc: floor }),
    expect: (target) => linkExpectation(target, { ...options, glibc: floor }),
  }
}

async function probeCargo(tools: Tools): Promise<Tool> {
  const file = await findTool('cargo-zigbuild', tools, INSTALL)
  const cargo = await findTool('cargo', tools, RUST)
  const rustc = await findTool('rustc', tools, RUST)
  const zig = await zigBehind(await findZig(file, tools), tools)
  const env = rustEnvironment(tools)
  const ask = async (program: string, ...args: readonly string[]): Promise<string> =>
    new TextDecoder().decode((await tools.run(program, args, { env })).stdout).trim()
  const [zigbuild, compiler, sysroot] = await Promise.all([
    ask(file, '--version'),
    ask(rustc, '-vV'),
    ask(rustc, '--print', 'sysroot'),
  ])
  const number = zigbuild.replace(/^cargo-zigbuild\s+/, '')
  const field = (name: string): string =>
    new RegExp(`^${name}: (.*)$`, 'm').exec(compiler)?.[1] ?? 'unknown'
  const rust = `${field('release')} ${field('commit-hash').slice(0, 9)}`
  return {
    name: 'cargo-zigbuild',
    file,
    version: `${number} with rustc ${rust} and zig ${zig.version}`,
    facts: { ...zig.facts, cargo, zig: zig.file, zigbuild: number, sysroot, host: field('host') },
  }
}

// The Zig beside it is the one it was installed with.
async function findZig(cargoZigbuild: string, tools: Tools): Promise<string> {
  const beside = join(dirname(cargoZigbuild), 'python-zig')
  return (await isProgram(beside)) ? beside : findTool('zig', tools, INSTALL)
}

const rustEnvironment = (tools: Tools): Readonly<Record<string, string | undefined>> =>
  pick(tools.env, ['CARGO_HOME', 'RUSTUP_HOME', 'RUSTUP_TOOLCHAIN'])

async function checkTarget(
  tool: Tool,
  { platform, triple }: BuildTarget,
  options: CargoZigbuildOptions,
): Promise<void> {
  const library = join(tool.facts!['sysroot']!, 'lib/rustlib', triple, 'lib')
  const here = await access(library).then(
    () => true,
    () => false,
  )
  if (!here) {
    throw new WaybillError('ERR_TOOL_MISSING', `Rust's library for ${triple} is not installed`, {
      hint: `Install it: \`rustup target add ${triple}\``,
      details: { triple },
    })
  }
  if (platform.os !== 'darwin' || options.env?.['SDKROOT'] !== undefined) return
  throw new WaybillError(
    'ERR_NO_SDK',
    `cargo-zigbuild needs a macOS SDK to link for ${formatPlatform(platform)}`,
    {
      hint: "Declare SDKROOT, the folder of an SDK, in the toolchain's `env`, or build on a Mac.",
      outcome: 'usage',
    },
  )
}

async function buildCargo(job: BuildJob, options: CargoZigbuildOptions): Promise<void> {
  const { target, kept, source, output } = job
  const name = targetName(target, options)
  const folder = join(kept, 'target')
  const profile = ['--release', '--locked', '--target', name, '--target-dir', folder]
  const chosen = [
    ['--bin', options.binary, '--jobs', String(job.jobs)],
    options.package === undefined ? [] : ['--package', options.package],
    options.features === undefined ? [] : ['--features', options.features.join(',')],
    (options.flags ?? []).filter((flag) => flag !== '--locked' && flag !== '--release'),
  ].flat()
  await job.run(job.tool.facts!['cargo']!, ['zigbuild', ...profile, ...chosen], {
    cwd: source.folder,
    env: {
      ...cargoEnvironment(job, folder, options),
      ...(await zigEnvironment(job)),
      ...options.env,
    },
  })
  await copyFile(join(folder, target.triple, 'release', target.file), output)
}

function targetName({ platform, triple }: BuildTarget, options: CargoZigbuildOptions): string {
  const floor = platform.os === 'linux' && options.static !== true ? `.${options.glibc}` : ''
  return triple + floor
}

function cargoEnvironment(
  job: BuildJob,
  folder: string,
  options: CargoZigbuildOptions,
): Record<string, string | undefined> {
  const { env, tool, kept, source } = job
  const home = env['CARGO_HOME'] ?? join(env['HOME'] ?? '', '.cargo')
  const maps: readonly (readonly [string, string])[] = [
    [source.root, '/source'],
    [home, '/cargo'],
    [folder, '/target'],
    [tool.facts!['sysroot']!, '/rust'],
  ]
  const remapped = maps.map(([from, to]) => `--remap-path-prefix=${from}=${to}`)
  return {
    ...rustEnvironment(job),
    PATH: [dirname(tool.file), dirname(tool.facts!['cargo']!), env['PATH']].join(':'),
    CARGO_INCREMENTAL: '0',
    // Separated by 0x1f, so that folders may have spaces in their names.
    CARGO_ENCODED_RUSTFLAGS: [...remapped, ...(options.rustflags ?? [])].join('\u001f'),
    CARGO_ZIGBUILD_ZIG_PATH: tool.facts!['zig'],
    CARGO_ZIGBUILD_CACHE_DIR: join(kept, 'zigbuild'),
  }
}
