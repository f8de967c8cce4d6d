import type { PlanVersionsOptions } from '@waybill/version'
import type { Definition } from '../definition/types.ts'

/** What a call asks of versions beyond the definition. */
export interface VersionValues {
  /** Release prereleases in this line, over the definition's. */
  readonly prerelease?: string | undefined
  /** Release what was tested: the last prerelease's version without its prerelease part. */
  readonly promote?: boolean | undefined
  /** Build metadata behind every version. */
  readonly metadata?: string | undefined
}

/** How versions are planned: the definition's `versions`, with what the call asks for. */
export function versionOptions(
  { versions = {}, components }: Definition,
  { prerelease, promote, metadata }: VersionValues = {},
): PlanVersionsOptions {
  const entries = Object.entries(components)
  const { fixed, linked, changelog, notes, updateInternalDependents } = versions
  return {
    versionFiles: Object.fromEntries(entries.map(([name, own]) => [name, own.versionFiles])),
    changelogFiles: Object.fromEntries(entries.map(([name, own]) => [name, own.changelog])),
    groups: fixed === undefined && linked === undefined ? undefined : { fixed, linked },
    changelog,
    notes,
    updateInternalDependents,
    // What is promoted leaves its line.
    prerelease: promote === true ? undefined : (prerelease ?? versions.prerelease),
    promote,
    build: metadata,
  }
}
