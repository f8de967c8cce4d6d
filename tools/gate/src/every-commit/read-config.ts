import { asFlag, asList, asObject, asText } from '../plain.ts'
import { everyCommit, type EveryCommitPolicy } from './policy.ts'

/** What a `release-plz.toml` says of one package. */
export interface ReleasePlzPackage {
  readonly policy: EveryCommitPolicy
  /** Packages of one group share a version. */
  readonly group: string | undefined
}

/** Reads a package's part of a `release-plz.toml`, the workspace's mixed in. */
export function readReleasePlz(config: unknown, name: string): ReleasePlzPackage {
  const { workspace, package: packages } = asObject(config)
  const own = asList(packages)
    .map(asObject)
    .find((one) => one['name'] === name)
  const merged = { ...asObject(workspace), ...own }
  return {
    policy: {
      ...everyCommit,
      releaseCommits: asText(merged['release_commits']),
      featuresAlwaysIncrementMinor: asFlag(merged['features_always_increment_minor']),
    },
    group: asText(merged['version_group']),
  }
}
