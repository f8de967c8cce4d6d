import type { Component, Finding } from '@waybill/core'
import type { ChangesetFile } from '../commit-range.ts'
import type { RangeOutcome } from '../outcome.ts'
import type { Policy } from '../policy.ts'
import type { PastHistory } from './past-history.ts'
import type { PastRelease, PastTag } from './past-releases.ts'
import type { Snapshots } from '../snapshots.ts'

/** What holds for one release: the component's folder then, its siblings, and the rules. */
export interface Setting {
  readonly component: Component
  /** All components there were, this one among them; the longest folder owns a path. */
  readonly components: readonly Component[]
  readonly policy: Policy
  /** The changesets the release used up. */
  readonly changesets?: readonly ChangesetFile[] | undefined
  /** Changes a prediction by what the tool does beyond single components. */
  readonly adjust?: ((outcome: RangeOutcome) => RangeOutcome) | undefined
}

/** What a tool's reader may look at. */
export interface Past {
  readonly history: PastHistory
  readonly tags: readonly PastTag[]
  readonly releases: readonly PastRelease[]
  readonly snapshots: Snapshots
  /** Judges any component at a commit, as if it were released there. */
  judge(
    setting: Setting,
    at: { readonly component: string; readonly commit: string },
  ): RangeOutcome | null
  note(finding: Finding): void
}

export type SettingOf = (release: PastRelease) => Setting

/** Components that are found by nothing but their tags: their folders are guessed from the names. */
export function componentOf(name: string, path: string): Component {
  return { name: name === '' ? '.' : name, path, tag: '{version}' }
}
