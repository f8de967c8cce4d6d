import { copyFile, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import {
  WaybillError,
  expandTemplate,
  namedPlace,
  type Platform,
  type Release,
} from '@waybill/core'
import { findTool } from './find-tool.ts'
import { templateOf, withoutUndefined } from './prebuilt.ts'
import { digestOfFile } from './source-digest.ts'
import { allPlatforms, createTarget, targetRow } from './targets.ts'
import {
  extraInputs,
  type BuildJob,
  type BuildSource,
  type BuildTarget,
  type Tool,
  type Toolchain,
  type ToolchainOptions,
  type Tools,
} from './toolchain.ts'

export interface CommandOptions extends Omit<ToolchainOptions, 'toolVersion' | 'flags'> {
  /**
   * The program and its arguments; no shell. Filled in: `{platform}` (linux-amd64), `{os}`, `{arch}`, `{triple}`, `{binary}`, `{file}` (with `.exe`),
   * `{version}`, `{output}` (the file to write), `{scratch}` (an empty folder), `{root}` and `{folder}`.
   */
  readonly command?: readonly string[] | undefined
  /** What it writes, relative to the component's folder, with the same variables; removed beforehand. @default it writes `{output}` itself */
  readonly output?: string | undefined
  /** The result must be static. */
  readonly static?: boolean | undefined
  /** The result must start on this glibc. */
  readonly glibc?: string | undefined
  /** The only libraries the result may need. @default any */
  readonly libraries?: readonly string[] | undefined
}

/** Compiles with any program that writes a declared file, in the same closed environment. */
export function command(options: CommandOptions): Toolchain {
  const { binary, static: isStatic, glibc, libraries } = options
  const { binary: _binary, ...rest } = options
  return {
    name: 'command',
    binary,
    options: rest,
    target: (platform) => targetOf(platform, binary),
    probe: (tools) => probeProgram(options, tools),
    check: (_tool, targets) => Promise.resolve(checkOutputs(options, targets)),
    inputs: (source) => Promise.resolve([source.folder, ...extraInputs(source, options)]),
    outputs: (source, release) => outputsOf(options, source, release),
    build: (job) => runCommand(job, options),
    expect: () => withoutUndefined({ static: isStatic, glibc, libraries }),
  }
}

async function probeProgram({ command: line = [] }: CommandOptions, tools: Tools): Promise<Tool> {
  const [program] = line
  if (program === undefined || program === '') {
    throw new WaybillError('ERR_INVALID_OPTION', 'command: expected a program, found nothing', {
      outcome: 'usage',
    })
  }
  const file = program.includes('/')
    ? resolve(tools.cwd, program)
    : await findTool(program, tools, `${program}, or put it on PATH`)
  const digest = await digestOfFile(file).catch((error: unknown) => {
    throw new WaybillError('ERR_TOOL_MISSING', `The program ${file} cannot be read`, {
      hint: "Check the first word of `command`; with a slash it is relative to the component's folder.",
      cause: error,
    })
  })
  return { name: program, file, version: digest.slice(7, 19) }
}

const targetOf = (platform: Platform, binary: string): BuildTarget =>
  createTarget(platform, targetRow(platform, 'command').rust, binary)

function outputsOf(
  { output, binary }: CommandOptions,
  source: BuildSource,
  { version }: Release,
): readonly string[] {
  if (output === undefined) return []
  return allPlatforms().map((platform) => {
    const variables = { ...templateOf(targetOf(platform, binary), binary), version }
    return resolve(source.folder, expandTemplate(output, variables, 'command `output`'))
  })
}

// Platforms are built at the same time: one file for all would end as any of them.
function checkOutputs(options: CommandOptions, targets: readonly BuildTarget[]): void {
  const { output, binary } = options
  if (output === undefined || targets.length < 2) return
  const paths = targets.map((target) =>
    expandTemplate(output, { ...templateOf(target, binary), version: '' }, 'command `output`'),
  )
  if (new Set(paths).size === paths.length) return
  throw new WaybillError(
    'ERR_INVALID_OPTION',
    `command: several platforms would write the same "${output}"`,
    { hint: 'Put {platform} in `output`, or let the command write {output}.', outcome: 'usage' },
  )
}

async function runCommand(job: BuildJob, options: CommandOptions): Promise<void> {
  const { source, target, release, scratch, output } = job
  const variables = {
    ...templateOf(target, options.binary),
    version: release.version,
    output,
    scratch,
    root: source.root,
    folder: source.folder,
  }
  const fill = (text: string): string => expandTemplate(text, variables, 'command')
  const written =
    options.output === undefined ? undefined : resolve(source.folder, fill(options.output))
  if (written !== undefined) {
    await namedPlace(source.root, dirname(written))
    await rm(written, { force: true })
  }
  const args = (options.command ?? []).slice(1).map(fill)
  await job.run(job.tool.file, args, { cwd: source.folder, env: options.env ?? {} })
  if (written === undefined) return
  const place = await namedPlace(source.root, written)
  await copyFile(place, output).catch(() => {})
}
