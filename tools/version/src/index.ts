export { applyVersions, type AppliedFile } from './apply/apply-versions.ts'
export { planVersions, type PlanVersionsOptions } from './plan/plan-versions.ts'
export type {
  PlannedEdit,
  PlannedFile,
  PlannedRelease,
  VersionFile,
  VersionPlan,
  VersionReason,
} from './types.ts'
