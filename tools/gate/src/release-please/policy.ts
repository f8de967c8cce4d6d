/** A changelog section of release-please: its type is visible unless hidden, and what is visible releases. */
export interface ReleasePleaseSection {
  readonly type: string
  readonly scope?: string | undefined
  readonly hidden?: boolean | undefined
}

/** How release-please counts up. */
export type ReleasePleaseVersioning =
  | 'default'
  | 'always-bump-patch'
  | 'always-bump-minor'
  | 'always-bump-major'
  | 'service-pack'
  | 'prerelease'

/** release-please's rules, as its configuration sets them. */
export interface ReleasePleasePolicy {
  readonly kind: 'release-please'
  readonly name: string
  readonly sections: readonly ReleasePleaseSection[]
  /** @default false */
  readonly bumpMinorPreMajor?: boolean | undefined
  /** @default false */
  readonly bumpPatchForMinorPreMajor?: boolean | undefined
  /** @default 'default' */
  readonly versioning?: ReleasePleaseVersioning | undefined
  /** Stay in the prerelease line (`prerelease` versioning only). @default false */
  readonly prerelease?: boolean | undefined
  readonly prereleaseType?: string | undefined
  /** The sticky `release-as` of the configuration. */
  readonly releaseAs?: string | undefined
  /** @default '1.0.0' */
  readonly initialVersion?: string | undefined
}

const show = (...types: readonly string[]): ReleasePleaseSection[] =>
  types.map((type) => ({ type }))
const hide = (...types: readonly string[]): ReleasePleaseSection[] =>
  types.map((type) => ({ type, hidden: true }))

const BASIC = ['feat', 'fix', 'perf', 'revert'] as const
const QUIET = ['style', 'refactor', 'test', 'build', 'ci'] as const
const plain = [...show(...BASIC, 'feature'), ...hide(...QUIET, 'docs', 'chore')]
const withDocs = [...show(...BASIC, 'docs'), ...hide(...QUIET, 'chore')]
const withDeps = [...show(...BASIC, 'docs', 'deps'), ...hide(...QUIET, 'chore')]

/** Sections of the release types that don't use the common ones. */
const SECTIONS: Readonly<Record<string, readonly ReleasePleaseSection[]>> = {
  'dotnet-yoshi': withDocs,
  'go-yoshi': withDocs,
  'php-yoshi': [...withDocs, ...show('misc')],
  'ruby-yoshi': withDocs,
  java: withDeps,
  'java-backport': withDeps,
  'java-bom': withDeps,
  'java-lts': withDeps,
  'java-yoshi': withDeps,
  'java-yoshi-mono-repo': withDeps,
  maven: withDeps,
  php: [...show(...BASIC, 'chore'), ...hide(...QUIET, 'docs')],
  python: withDeps,
  r: withDeps,
}

const EARLY: ReadonlySet<string> = new Set([
  'go-yoshi',
  'java-yoshi',
  'java-yoshi-mono-repo',
  'krm-blueprint',
  'python',
  'r',
  'rust',
  'terraform-module',
])

/** release-please's rules for a release type (`node`, `rust`, `simple` …), before any configuration. */
export function releasePleaseDefaults(releaseType = 'node'): ReleasePleasePolicy {
  return {
    kind: 'release-please',
    name: 'release-please',
    sections: Object.hasOwn(SECTIONS, releaseType) ? SECTIONS[releaseType]! : plain,
    initialVersion: EARLY.has(releaseType) ? '0.1.0' : '1.0.0',
  }
}
