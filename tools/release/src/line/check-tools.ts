import { probe } from '@waybill/compile'
import {
  createContext,
  isWaybillError,
  mapLimit,
  type ContextOptions,
  type Finding,
} from '@waybill/core'
import type { BuildEntry, Definition } from '../definition/types.ts'
import { toolchainOf } from './toolchain.ts'

/** One build's toolchain and the version of its tool that was found. */
export interface CheckedTool {
  readonly component: string
  readonly binary: string
  readonly toolchain: string
  readonly version: string | null
}

export interface CheckToolsOptions extends ContextOptions {
  /** Whether tools of the repository may run, and its files choose their versions. @default false */
  readonly inRepository?: boolean | undefined
}

/** Asks every toolchain of a definition for its tool; one that is missing is a finding, one that only the repository has is a note. */
export async function checkTools(
  definition: Definition,
  options: CheckToolsOptions = {},
): Promise<{ checked: CheckedTool[]; findings: Finding[] }> {
  const { jobs } = createContext(options)
  const builds = Object.entries(definition.components).flatMap(([component, entry]) =>
    (entry.builds ?? []).map((build) => ({ component, build })),
  )
  const results = await mapLimit(builds, jobs, ({ component, build }) =>
    checkTool(component, build, { ...options, folder: definition.components[component]!.path }),
  )
  return {
    checked: results.map(({ checked }) => checked),
    findings: results.flatMap(({ finding }) => (finding === undefined ? [] : [finding])),
  }
}

async function checkTool(
  component: string,
  build: BuildEntry,
  options: CheckToolsOptions & { readonly folder: string },
): Promise<{ checked: CheckedTool; finding?: Finding }> {
  const { binary, toolchain } = build
  try {
    const { version } = await probe(toolchainOf(build), options)
    return { checked: { component, binary, toolchain, version } }
  } catch (error) {
    if (!isWaybillError(error)) throw error
    const isInside = error.details['inside'] !== undefined
    const finding: Finding = {
      code: isInside ? 'tool-not-run' : 'tool-missing',
      level: isInside ? 'note' : 'error',
      message: `${component}: ${error.message}`,
      ...(error.hint === undefined ? {} : { suggestion: error.hint }),
    }
    return { checked: { component, binary, toolchain, version: null }, finding }
  }
}
