/** What kind of manifest a package has. */
export type PackageKind = 'npm' | 'cargo' | 'go' | 'plain'

export type DependencyKind =
  | 'dependencies'
  | 'devDependencies'
  | 'peerDependencies'
  | 'optionalDependencies'

/** A text in a file and where it stands; offsets count bytes. */
export interface TextPlace {
  /** Relative to the repository's root. */
  readonly path: string
  readonly at: string
  readonly offset: number
  readonly text: string
}

/** A dependency on another package of the same repository. */
export interface WorkspaceDependency {
  /** The name of the package it is on. */
  readonly name: string
  /** That package's folder. */
  readonly path: string
  readonly kind: DependencyKind
  /** What the manifest asks for, as an npm range: Cargo's `1.2` is `^1.2` here. A bare path is `workspace:*`: always the code beside it. */
  readonly range: string
  /** Where the range is written; null where only a path is. */
  readonly place: TextPlace | null
}

/** One package of a repository. */
export interface WorkspacePackage {
  readonly name: string
  /** Its folder, relative to the repository's root, `.` for the root itself. */
  readonly path: string
  readonly kind: PackageKind
  readonly manifest: string
  readonly version: string | null
  /** The file the version is written in where that is not the manifest: a Cargo workspace's root. */
  readonly inheritsFrom: string | null
  readonly private: boolean
  readonly dependencies: readonly WorkspaceDependency[]
}

/** The packages of a repository and what they ask of each other. */
export interface Workspace {
  /** Absolute. */
  readonly root: string
  /** Ordered by path. */
  readonly packages: readonly WorkspacePackage[]
  /** package-lock.json, npm-shrinkwrap.json and Cargo.lock files that name these packages. */
  readonly lockFiles: readonly string[]
}
