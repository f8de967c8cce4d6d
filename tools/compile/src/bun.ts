import { join } from 'node:path'
import {
  entryOf,
  noRuntime,
  probeScriptTool,
  scriptInputs,
  type ScriptOptions,
} from './script-toolchain.ts'
import { createTarget, targetRow } from './targets.ts'
import type { BuildJob, Toolchain } from './toolchain.ts'

export interface BunOptions extends ScriptOptions {
  /** The name in the source that stands for the release's version: `VERSION` or `process.env.VERSION`. */
  readonly versionDefine?: string | undefined
}

const INSTALL = '`npm install --save-dev bun`, or see bun.com'

/** Compiles JavaScript and TypeScript with Bun into a program that holds its runtime; another platform's runtime is fetched by Bun. */
export function bun(options: BunOptions): Toolchain {
  const { binary, toolVersion, ...rest } = options
  return {
    name: 'bun',
    binary,
    options: rest,
    target(platform) {
      const row = targetRow(platform, 'bun')
      if (row.bun === undefined) throw noRuntime('bun', platform)
      return createTarget(platform, row.rust, binary)
    },
    probe: (tools) =>
      probeScriptTool('bun', tools, {
        install: INSTALL,
        wanted: toolVersion,
        version: /^(\S+)/,
      }),
    inputs: (source) => scriptInputs(source, options),
    build: (job) => buildBun(job, options),
    expect: () => ({}),
  }
}

async function buildBun(job: BuildJob, options: BunOptions): Promise<void> {
  const { target, tool, release, source, output, kept } = job
  const version = options.versionDefine
  const args = [
    ['build', '--compile', `--target=${targetRow(target.platform, 'bun').bun}`],
    version === undefined ? [] : ['--define', `${version}=${JSON.stringify(release.version)}`],
    options.flags ?? [],
    [entryOf(options, 'bun'), '--outfile', output],
  ].flat()
  // Bun keeps fetched runtimes with its packages.
  const cache = { BUN_INSTALL_CACHE_DIR: join(kept, 'packages'), DO_NOT_TRACK: '1' }
  await job.run(tool.file, args, { cwd: source.folder, env: { ...cache, ...options.env } })
}
