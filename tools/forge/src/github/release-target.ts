import type { Page } from './draft.ts'
import type { ReleaseFile } from './files.ts'
import type { Look } from './look.ts'
import type { Place } from './place.ts'

/** One release at one repository. */
export interface Target extends Page {
  readonly place: Place
  readonly files: readonly ReleaseFile[]
  readonly draft: boolean
  readonly look: Look
}
