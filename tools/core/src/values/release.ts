/** One releasable thing of a repository. */
export interface Component {
  /** The name that `Release-As(name)` uses. */
  readonly name: string
  /** Its folder, relative to the repository's root, `.` for the root itself. */
  readonly path: string
  /** How its release tags look: `v{version}`, `{name}-v{version}`, `{path}/v{version}` … */
  readonly tag: string
  /** Paths below `path` (folders or files) whose changes do not count. */
  readonly exclude?: readonly string[]
}

/** A decided release of one component, at one commit. Everything that is built or published hangs on it. */
export interface Release {
  /** The component's name. */
  readonly component: string
  /** The component's folder, relative to the repository's root. */
  readonly path: string
  /** Semantic version without a prefix. */
  readonly version: string
  /** The git tag's name. */
  readonly tag: string
  /** Full object name of the released commit. */
  readonly commit: string
  /** The commit's time, in seconds since 1970: SOURCE_DATE_EPOCH of everything built. */
  readonly created: number
}

export type Bump = 'major' | 'minor' | 'patch' | 'none'
