export { run, type RunOptions } from './run/run.ts'
export { createToolbox, type Toolbox } from './run/toolbox.ts'
export { fromZx, type ZxShell } from './exec/from-zx.ts'
export { decisionText, findingsText, presentation, type Presentation } from './present/present.ts'
export { presentDecisions } from './present/decisions.ts'
export { htmlReport } from './present/html-report.ts'
export { planSummary, planText } from './present/plan-summary.ts'
export { confirm } from './cli/confirm.ts'
export { releaseText, type ReleaseReport } from './present/release-report.ts'
export {
  componentSections,
  decisionSection,
  stageSection,
  type ReportSection,
} from './present/report-sections.ts'
export { runCommand } from './cli/run-command.ts'
export { rehearse } from './rehearse.ts'
export { archive } from '@waybill/archive'
export { inspect, type BinaryFacts } from '@waybill/binary'
export {
  bun,
  cargoZigbuild,
  command,
  compile,
  deno,
  go,
  joinCells,
  nodeSea,
  prebuilt,
  rebuild,
  zig,
  type Toolchain,
} from '@waybill/compile'
export {
  WaybillError,
  isWaybillError,
  planDigest,
  type Artifact,
  type Component,
  type Context,
  type Decision,
  type Descriptor,
  type Destination,
  type Destinations,
  type Digest,
  type Exec,
  type Finding,
  type Logger,
  type Progress,
  type ProvenImage,
  type PublishPlan,
  type Receipt,
  type Release,
  type ReleasePlan,
  type Report,
} from '@waybill/core'
export { makeBase } from '@waybill/debian'
export { githubRelease, parseRemote } from '@waybill/forge'
export {
  decide,
  explain,
  lintTitle,
  parseCommit,
  readAllCommits,
  readCommits,
  simulate,
} from '@waybill/gate'
export {
  assemble,
  checkFit,
  checkIdentity,
  chooseBase,
  drift,
  findArtifacts,
  proveIdentity,
  rebase,
  waiveIdentity,
  type AssembledImage,
} from '@waybill/image'
export {
  extract,
  loadContent,
  openLayout,
  readFile,
  readImages,
  writeLayout,
  type Base,
} from '@waybill/oci'
export {
  commandHook,
  gitRemote,
  heal,
  parsePlan,
  planNames,
  planPublish,
  publish,
  status,
} from '@waybill/publish'
export { destination, doctor, login, registries, repository, resolveImage } from '@waybill/registry'
export { applyVersions, checkVersions, planVersions } from '@waybill/version'
export {
  joinReceipts,
  parseDefinition,
  validateDefinition,
  readDefinition,
  type ReadDefinitionOptions,
  defineRelease,
  type Definition,
  readLock,
  writeLock,
  type Lock,
  makeLock,
  type MakeLockOptions,
  publishedOf,
  type PublishedPlan,
  type ReleasedComponent,
  releaseAll,
  type ReleaseAllOptions,
  type ReleaseAllResult,
  type Rehearsal,
  type RehearseOptions,
  assertClean,
  decideAll,
  decideReleases,
  type DecidedReleases,
  type DecideReleasesOptions,
  type VersionValues,
  planRelease,
} from '@waybill/release'
