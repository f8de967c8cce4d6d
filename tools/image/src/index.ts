export { prepareBase, type PreparedBase, type PrepareOptions } from './assemble/prepare-base.ts'
export { describeBinaries } from './assemble/binary-file.ts'
export { assemble } from './assemble/assemble.ts'
export type {
  AssembledImage,
  AssembledPlatform,
  AssembleOptions,
  ImageRelease,
} from './assemble/types.ts'
export type { ConfigOptions, Healthcheck } from './assemble/config-options.ts'
export { entrypointPath, type EntrypointPath } from './identity/entrypoint-path.ts'
export { findArtifacts, type FoundArtifacts } from './identity/find-artifacts.ts'
export { readArtifacts, type ReadArtifacts } from './identity/read-artifacts.ts'
export type { Candidate } from './judge.ts'
export {
  checkIdentity,
  type IdentityOptions,
  type IdentityReport,
  type ImageToCheck,
} from './identity/check-identity.ts'
export { proveIdentity, waiveIdentity, type WaiveOptions } from './identity/prove-identity.ts'
export type { RunsOptions } from './runs/check-runs.ts'
export { assertRuns } from './runs/assert-runs.ts'
export { checkImageRuns, type ImageRunsOptions } from './runs/check-image-runs.ts'
export type { AcceptedProgram } from './runs/through.ts'
export { checkFit, type FitOptions } from './fit/check-fit.ts'
export { chooseBase } from './fit/choose-base.ts'
export type { ChooseOptions, ChosenBase, RejectedBase } from './fit/choose-base.ts'
export type { LinkedLibrary } from './fit/link-against.ts'
export type { DriftCheck, DriftOptions } from './drift/types.ts'
export { drift } from './drift/drift.ts'
export { rebase, type RebaseOptions } from './assemble/rebase.ts'
export { selectImage } from './select-image.ts'
export { readDockerArchive } from './docker-archive/read-docker-archive.ts'
export type { ArchiveSource, DockerArchiveOptions } from './docker-archive/read-docker-archive.ts'
export { writeDockerArchive } from './docker-archive/write-docker-archive.ts'
export type { WriteDockerArchiveOptions } from './docker-archive/write-docker-archive.ts'
export type { ReconfigureOptions } from './assemble/reconfigure.ts'
