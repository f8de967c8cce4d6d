import { join } from 'node:path'
import { WaybillError, formatPlatform, isWaybillError } from '@waybill/core'
import { pick } from './closed-environment.ts'
import { copySource, setTimes } from './copy-source.ts'
import {
  entryOf,
  noRuntime,
  probeScriptTool,
  scriptInputs,
  type ScriptOptions,
} from './script-toolchain.ts'
import { createTarget, targetRow } from './targets.ts'
import type { BuildJob, Toolchain } from './toolchain.ts'

export interface DenoOptions extends ScriptOptions {
  /** What the program may do, as Deno's flags: `--allow-net`. @default nothing */
  readonly permissions?: readonly string[] | undefined
}

const INSTALL = '`npm install --save-dev deno`, or see deno.com'

/** Compiles JavaScript and TypeScript with Deno into a program that holds its runtime, which Deno fetches when it runs. */
export function deno(options: DenoOptions): Toolchain {
  const { binary, toolVersion, ...rest } = options
  return {
    name: 'deno',
    binary,
    options: rest,
    target(platform) {
      const row = targetRow(platform, 'deno')
      if (row.deno === undefined) throw noRuntime('deno', platform)
      return createTarget(platform, row.deno, binary)
    },
    probe: (tools) =>
      probeScriptTool('deno', tools, {
        install: INSTALL,
        wanted: toolVersion,
        version: /^deno (\S+)/,
      }),
    inputs: (source) => scriptInputs(source, options),
    build: (job) => buildDeno(job, options),
    expect: () => ({}),
  }
}

async function buildDeno(job: BuildJob, options: DenoOptions): Promise<void> {
  const { target, tool, output, scratch, release } = job
  // Deno writes the times of the files into the program: it compiles a copy, whose times are the commit's.
  const excluded = [join(job.source.root, 'dist')]
  const source = await copySource(job.source, join(scratch, 'source'), { excluded })
  await setTimes(source.root, release.created)
  const args = [
    ['compile', '--target', target.triple, '--output', output],
    options.permissions ?? [],
    options.flags ?? [],
    [entryOf(options, 'deno')],
  ].flat()
  const env = { ...pick(job.env, ['DENO_DIR']), DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' }
  try {
    await job.run(tool.file, args, { cwd: source.folder, env: { ...env, ...options.env } })
  } catch (error) {
    throw isWaybillError(error, 'ERR_EXEC_FAILED') ? explain(error, job) : error
  }
}

// Deno keeps a runtime (denort) apart from itself and downloads it for each target and version.
function explain(error: WaybillError, { target, tool }: BuildJob): WaybillError {
  const said = String(error.details['stderr'])
  if (!/denort|dl\.deno\.land|[Dd]ownload/.test(said)) return error
  return new WaybillError(
    'ERR_RUNTIME_MISSING',
    `deno ${tool.version} could not fetch its runtime for ${formatPlatform(target.platform)}\n${said}`,
    {
      hint: 'deno compile downloads a runtime when it runs: allow dl.deno.land, or put denort into DENO_DIR (dl/release/…) beforehand.',
      outcome: 'unknown',
      details: { ...error.details, target: target.triple },
      cause: error,
    },
  )
}
