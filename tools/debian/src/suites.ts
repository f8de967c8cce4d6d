/** A Debian release Waybill has recipes for. */
export type DebianSuite = 'bookworm' | 'trixie'

/** The version number of each. */
export const SUITES: Readonly<Record<DebianSuite, string>> = { bookworm: '12', trixie: '13' }

// Every name Debian's own archive gives its releases; another vendor's suites are called otherwise.
const NAMES = new Set(
  'stable oldstable oldoldstable testing unstable sid buster bullseye bookworm trixie forky duke'.split(
    ' ',
  ),
)

/** Tells which part of Debian's archive a suite's name means, and of which release; undefined for a suite of somebody else. */
export function parseSuite(name: string): SuiteName | undefined {
  const match = /^([a-z]+)(?:(-updates)|(-security|\/updates))?\/?$/.exec(name)
  if (match === null || !NAMES.has(match[1]!)) return undefined
  const part = match[3] !== undefined ? 'security' : match[2] !== undefined ? 'updates' : 'main'
  return { release: match[1]!, part }
}

export interface SuiteName {
  readonly release: string
  readonly part: ArchivePart
}

export type ArchivePart = 'main' | 'updates' | 'security'

/** The suite's folder below `dists/`. */
export function suiteFolder(suite: DebianSuite, part: ArchivePart): string {
  return part === 'main' ? suite : `${suite}-${part}`
}
