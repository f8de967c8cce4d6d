/** A file of a release. */
export interface ForgeAsset {
  readonly id: number
  name: string
  label: string
  readonly contentType: string
  /** `open` while it is being uploaded, and for ever where the upload broke off. */
  state: 'uploaded' | 'open'
  size: number
  digest: string | null
  /** Milliseconds since 1970. */
  readonly created: number
}

/** A release; a draft has no git tag and is seen by whoever may write alone. */
export interface ForgeRelease {
  readonly id: number
  tag: string
  target: string
  name: string | null
  body: string | null
  draft: boolean
  prerelease: boolean
  immutable: boolean
  /** Milliseconds since 1970: of the released commit, as GitHub counts. */
  created: number
  published: number | null
  readonly assets: ForgeAsset[]
}

/** One repository. */
export interface ForgeRepository {
  /** `acme/hello`. */
  readonly name: string
  readonly releases: ForgeRelease[]
  /** The release that was said to be the latest; null: nobody ever said. */
  latest: number | null
  /** Tags and the commits they lead to, where there is no git repository beside it. */
  readonly tags: Record<string, string>
  /** Tags of immutable releases, which can never be used again. */
  readonly spent: string[]
}

/** Everything a forge knows. */
export interface ForgeState {
  /** The last number that was given to anything. */
  lastId: number
  readonly repositories: Record<string, ForgeRepository>
}

/** The release that counts as the latest: the one that was said to be, else of the published the one of the newest commit. */
export function latestOf({ releases, latest }: ForgeRepository): ForgeRelease | undefined {
  const eligible = releases.filter(({ draft, prerelease }) => !draft && !prerelease)
  const said = eligible.find(({ id }) => id === latest)
  return said ?? eligible.toSorted((a, b) => b.created - a.created || b.id - a.id)[0]
}
