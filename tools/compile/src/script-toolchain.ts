import { WaybillError, formatPlatform, type Platform } from '@waybill/core'
import { checkToolVersion, fileIdentity, findTool } from './find-tool.ts'
import { nearestFolderWith } from './nearest-file.ts'
import {
  extraInputs,
  type BuildSource,
  type Tool,
  type ToolchainOptions,
  type Tools,
} from './toolchain.ts'

export interface ScriptOptions extends ToolchainOptions {
  /** The program's first module, relative to the component's folder. */
  readonly entry?: string | undefined
}

/** The entry of a script. @throws {ERR_INVALID_OPTION} */
export function entryOf({ entry }: ScriptOptions, toolchain: string): string {
  if (entry !== undefined && entry !== '') return entry
  throw new WaybillError('ERR_INVALID_OPTION', `${toolchain}: expected \`entry\`, found nothing`, {
    hint: "Name the program's first module, relative to the component's folder.",
    outcome: 'usage',
  })
}

/** Finds a script's compiler by its name, and reads its version from what `--version` says. */
export async function probeScriptTool(
  name: string,
  tools: Tools,
  { install, wanted, version }: ScriptTool,
): Promise<Tool> {
  const file = await findTool(name, tools, install)
  const tool = await tools.remember(await fileIdentity(file), async () => {
    const { stdout } = await tools.run(file, ['--version'])
    const text = new TextDecoder().decode(stdout).trim()
    return { name, file, version: version.exec(text)?.[1] ?? 'unknown' }
  })
  checkToolVersion(name, tool.version, wanted)
  return tool
}

interface ScriptTool {
  readonly install: string
  /** The pinned version. */
  readonly wanted: string | undefined
  /** Its first group is the version. */
  readonly version: RegExp
}

/** What a script is made of: its package with all that is installed, or its folder. */
export async function scriptInputs(
  source: BuildSource,
  options: ToolchainOptions,
): Promise<readonly string[]> {
  const package_ = await nearestFolderWith('package.json', source)
  return [package_ ?? source.folder, ...extraInputs(source, options)]
}

/** The error for a platform for which a script's runtime is not made. */
export function noRuntime(toolchain: string, platform: Platform): WaybillError {
  const text = formatPlatform(platform)
  return new WaybillError(
    'ERR_UNSUPPORTED_TARGET',
    `${toolchain} has no runtime for ${text}; expected linux, darwin or windows on amd64 or arm64`,
    { outcome: 'usage', details: { toolchain, platform: text } },
  )
}
