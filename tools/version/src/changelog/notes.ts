import type { ChangeSection } from '../types.ts'

/** What a release's notes shall say instead of, or beside, what its commits do. */
export interface ReleaseNotes {
  /** Markdown in place of every entry. */
  readonly body?: string
  /** Markdown before the entries. */
  readonly intro?: string
  /** By the start of a commit's name: another text, another section, or null to leave it out. */
  readonly commits?: Readonly<
    Record<string, string | { readonly section?: ChangeSection; readonly text?: string } | null>
  >
}
