import type { Page } from './draft.ts'
import type { AssetFile } from './files.ts'
import type { Look } from './look.ts'
import type { GithubClient } from './place.ts'

/** One release at one repository. */
export interface GithubReleaseTarget extends Page {
  readonly place: GithubClient
  readonly files: readonly AssetFile[]
  readonly draft: boolean
  readonly look: Look
}
