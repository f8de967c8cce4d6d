import { chmod, copyFile, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  WaybillError,
  expandTemplate,
  formatPlatform,
  writeFileAtomic,
  namedPlace,
} from '@waybill/core'
import { checkToolVersion, fileIdentity, findTool } from './find-tool.ts'
import { templateOf } from './prebuilt.ts'
import { entryOf, noRuntime, scriptInputs, type ScriptOptions } from './script-toolchain.ts'
import { digestOfFile } from './source-digest.ts'
import { createTarget, targetRow } from './targets.ts'
import type { BuildJob, BuildSource, BuildTarget, Tool, Toolchain, Tools } from './toolchain.ts'

export interface NodeSeaOptions extends Omit<ScriptOptions, 'flags'> {
  /**
   * The Node that goes into the program, relative to the repository's root, with the variables of `prebuilt`: `runtimes/{platform}/node`.
   * Of the same version as the Node that builds. @default that Node itself, for its own platform
   */
  readonly runtime?: string | undefined
}

const INSTALL = '`npm install --save-dev node`, or see nodejs.org'
const POSTJECT = '`npm install --save-dev postject`'
// What marks the place that tells Node it is a single executable: nodejs.org/api/single-executable-applications.html
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** Makes a Node single executable of one CommonJS file (bundle others first): the blob is built by Node and put into a copy of the runtime by postject. */
export function nodeSea(options: NodeSeaOptions): Toolchain {
  const { binary, toolVersion, ...rest } = options
  return {
    name: 'node-sea',
    binary,
    options: rest,
    target(platform) {
      const row = targetRow(platform, 'node-sea')
      if (row.deno === undefined && platform.os !== 'windows') throw noRuntime('node-sea', platform)
      return createTarget(platform, row.rust, binary)
    },
    async probe(tools) {
      const tool = await probeNode(tools)
      checkToolVersion('node', tool.facts!['node']!, toolVersion)
      return tool
    },
    check: async (tool, targets) => {
      for (const target of targets) if (options.runtime === undefined) checkHost(tool, target)
    },
    inputs: async (source, target) => [
      ...(await scriptInputs(source, options)),
      ...(options.runtime === undefined ? [] : [runtimeOf(source, target, options, '')]),
    ],
    build: (job) => buildSea(job, options),
    expect: () => ({}),
  }
}

async function probeNode(tools: Tools): Promise<Tool> {
  const file = await findTool('node', tools, INSTALL)
  const postject = await findTool('postject', tools, POSTJECT)
  const key = `${await fileIdentity(file)} ${await fileIdentity(postject)}`
  return tools.remember(key, async () => {
    const script =
      'console.log(process.version.slice(1), process.platform, process.arch, process.execPath)'
    const { stdout } = await tools.run(file, ['-e', script])
    const [node = '', os = '', arch = '', ...path] = new TextDecoder()
      .decode(stdout)
      .trim()
      .split(' ')
    const platform = `${os === 'win32' ? 'windows' : os}/${arch === 'x64' ? 'amd64' : arch}`
    const runtime = path.join(' ')
    const digest = await digestOfFile(runtime)
    const facts = { node, postject, platform, runtime }
    return { name: 'node', file, version: `${node} ${digest.slice(7, 19)}`, facts }
  })
}

function checkHost(tool: Tool, target: BuildTarget): void {
  const wanted = formatPlatform(target.platform)
  const { platform } = tool.facts!
  if (wanted === platform) return
  throw new WaybillError(
    'ERR_RUNTIME_MISSING',
    `node-sea: a program for ${wanted} needs a Node for ${wanted}; the Node here is for ${platform}`,
    { hint: 'Name it in `runtime`, for example runtimes/{platform}/node.', outcome: 'usage' },
  )
}

function runtimeOf(
  source: BuildSource,
  target: BuildTarget,
  options: NodeSeaOptions,
  host: string,
): string {
  if (options.runtime === undefined) return host
  const variables = templateOf(target, options.binary)
  return resolve(source.root, expandTemplate(options.runtime, variables, 'node-sea `runtime`'))
}

async function buildSea(job: BuildJob, options: NodeSeaOptions): Promise<void> {
  const { source, target, tool, scratch, output, env } = job
  const runtime = runtimeOf(source, target, options, tool.facts!['runtime']!)
  await copyFile(await namedPlace(source.root, runtime), output).catch((error: unknown) => {
    throw new WaybillError('ERR_RUNTIME_MISSING', `node-sea: the runtime ${runtime} is not there`, {
      hint: 'Unpack a Node of that platform there, or correct `runtime`.',
      cause: error,
    })
  })
  await chmod(output, 0o755)
  const blob = join(scratch, 'blob')
  const config = join(scratch, 'sea.json')
  const main = resolve(source.folder, entryOf(options, 'node-sea'))
  // Code cache and snapshot hold machine code of the building Node: off, so that any platform's build makes the same blob.
  const sea = {
    main,
    output: blob,
    disableExperimentalSEAWarning: true,
    useCodeCache: false,
    useSnapshot: false,
  }
  await writeFileAtomic(config, JSON.stringify(sea))
  await job.run(tool.file, ['--experimental-sea-config', config], { env: { ...options.env } })
  await withoutSourcePath(blob, main)
  const apple = target.platform.os === 'darwin' ? ['--macho-segment-name', 'NODE_SEA'] : []
  const args = [
    tool.facts!['postject']!,
    output,
    'NODE_SEA_BLOB',
    blob,
    '--sentinel-fuse',
    FUSE,
    ...apple,
  ]
  await job.run(tool.file, args, { env: { PATH: env['PATH'], ...options.env } })
  if ((await stat(output)).size < (await stat(blob)).size) throw new Error('postject wrote nothing')
}

// The blob holds the path of its script, which must not show: written over with as many bytes, since lengths stand before it.
async function withoutSourcePath(blob: string, main: string): Promise<void> {
  const bytes = await readFile(blob)
  const path = Buffer.from(main)
  const at = bytes.indexOf(path)
  if (at < 0) return
  Buffer.from('/'.padEnd(path.length, '.')).copy(bytes, at)
  await writeFileAtomic(blob, bytes)
}
