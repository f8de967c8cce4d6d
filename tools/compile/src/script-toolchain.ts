import { nearestFolderWith } from './nearest-file.ts'
import { WaybillError, formatPlatform, type Platform } from '@waybill/core'
import { extraInputs, type Source, type ToolchainOptions } from './toolchain.ts'

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

/** What a script is made of: its package with all that is installed, or its folder. */
export async function scriptInputs(
  source: Source,
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
