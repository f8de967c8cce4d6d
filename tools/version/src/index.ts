export { applyVersions, type AppliedFile } from './apply/apply-versions.ts'
export { planVersions, type PlanVersionsOptions } from './plan/plan-versions.ts'
export type {
  Change,
  ChangeSection,
  PlannedEdit,
  PlannedFile,
  PlannedRelease,
  VersionFile,
  VersionPlan,
  VersionReason,
} from './types.ts'
export { findComponents } from './find/find-components.ts'
export { readWorkspace, type ReadWorkspaceOptions } from './workspace/read-workspace.ts'
export type {
  DependencyKind,
  PackageKind,
  TextPlace,
  Workspace,
  WorkspaceDependency,
  WorkspacePackage,
} from './workspace/types.ts'
export type { VersionGroups } from './units/groups.ts'
export { nextPrerelease } from './plan/prerelease.ts'
export type { CheckVersionsOptions, VersionCheck } from './check/types.ts'
export { checkVersions } from './check/check-versions.ts'
export type { BinaryToAsk } from './check/types.ts'
export { renderChangelog, renderNotes, type RenderOptions } from './changelog/render-changelog.ts'
export { sectionOf } from './changelog/section.ts'
export type { ChangelogOptions } from './changelog/changelog-edits.ts'
export type { ReleaseNotes } from './changelog/notes.ts'
export { releasesOf } from './plan/releases-of.ts'
