import type { Release } from '@waybill/core'
import type { VersionPlan } from '../types.ts'

/**
 * The releases of a plan at a commit: those the commits ask for and those that follow from them or from changesets. `head` is the
 * commit that holds the edits, and its time.
 */
export function releasesOf(
  plan: VersionPlan,
  head: { readonly commit: string; readonly created: number },
): readonly Release[] {
  return plan.releases.map(({ component, path, to, tag }) => ({
    component,
    path,
    version: to,
    tag,
    commit: head.commit,
    created: head.created,
  }))
}
