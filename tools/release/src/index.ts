export { definitionSchema } from './definition/schema.ts'
export { parseDefinition, validateDefinition } from './definition/parse.ts'
export { readDefinitionIfAny, readOrFindDefinition } from './definition/read-or-find.ts'
export { readDefinition, type ReadDefinitionOptions } from './definition/read.ts'
export {
  defineRelease,
  type ImageConfigEntry,
  type PolicyEntry,
  type Definition,
} from './definition/types.ts'
export { archiveComponent } from './line/archive.ts'
export { assertClean } from './line/assert-clean.ts'
export { assertUntracked, assertUntrackedFiles } from './line/assert-untracked.ts'
export { buildPlan, joinPlan } from './line/build-plan.ts'
export { buildOf, type CellBuild } from './line/cell.ts'
export { checkFiles } from './line/check-files.ts'
export { assertVersions, assertBinaryVersions } from './line/check-releases.ts'
export { checkTools } from './line/check-tools.ts'
export { componentsOf, componentEntry } from './line/components.ts'
export {
  decideReleases,
  type DecideReleasesOptions,
  type DecidedReleases,
} from './line/decide-releases.ts'
export { decideAll } from './line/decide.ts'
export { imageDestinations, givenDestinations } from './line/destinations.ts'
export { readDist, writeDist, assertOwnDist, assertFiles, mergeArtifacts } from './line/dist.ts'
export { engineMatrix, ENGINES, type Engine } from './line/engine-matrix.ts'
export { joinReceipts } from './line/join-receipts.ts'
export {
  publishedOf,
  type PublishedPlan,
  type ReleasedImage,
  type ReleasedComponent,
} from './line/line-types.ts'
export { assertOwnFolders } from './line/own-folders.ts'
export { definedPage } from './line/page.ts'
export { planRelease } from './line/plan.ts'
export { policyOfEntry, conventionalOf } from './line/policy.ts'
export { releaseAll, type ReleaseAllOptions, type ReleaseAllResult } from './line/release.ts'
export type { StageRecord } from './line/stages.ts'
export { toolchainOf } from './line/toolchain.ts'
export { versionOptions, type VersionValues } from './line/version-options.ts'
export { yankedAt } from './line/yanked-at.ts'
export { pinnedBase, type PackageOptions } from './lock/base.ts'
export { readLock, writeLock, type Lock } from './lock/lock.ts'
export { makeLock, type MakeLockOptions } from './lock/make-lock.ts'
export { rehearse } from './rehearse/rehearse.ts'
export type { RehearsalState } from './rehearse/state.ts'
export type { RehearseOptions, Rehearsal } from './rehearse/types.ts'
