/** One of the two programs that are released. */
export interface Binary {
  /** As registries and compilers' users say: `amd64`. */
  readonly architecture: string
  readonly platform: string
  /** A folder that holds it at its path in the image, for tools that copy folders. */
  readonly root: string
  readonly file: string
}

/** What every contender has to do: two binaries upon a base, one index, five tags in each of two registries. */
export interface Work {
  readonly folder: string
  readonly binaries: readonly Binary[]
  /** Archives of the binaries, and SHA256SUMS: what the proof of identity compares with. */
  readonly released: string
  /** The image, assembled before: for a contender that only copies. */
  readonly layout: string
  readonly base: string
  readonly registries: readonly [string, string]
}

/** The work once, at repositories that nobody has used. */
export interface Job extends Work {
  readonly repositories: readonly [string, string]
  /** An empty folder for whatever the contender keeps. */
  readonly folder: string
}

/** Where the binary goes, without the leading slash. */
export const PATH = 'usr/local/bin/service'
export const VERSION = '1.4.2'
export const COMMIT = '5c1a7e03b2d94f6081c2e3a4b5d6f708192a3b4c'
/** The first of them is the version itself. */
export const TAGS: readonly string[] = [VERSION, `sha-${COMMIT.slice(0, 7)}`, '1.4', '1', 'latest']
