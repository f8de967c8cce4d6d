/** A release rule of semantic-release; every key but `release`, `breaking` and `revert` is matched as a glob. */
export interface ReleaseRule {
  readonly breaking?: boolean | undefined
  readonly revert?: boolean | undefined
  readonly release: 'major' | 'minor' | 'patch' | false | null | (string & {})
  readonly [key: string]: unknown
}

/** semantic-release's rules, as its configuration sets them. */
export interface SemanticReleasePolicy {
  readonly kind: 'semantic-release'
  readonly name: string
  /** Which grammar reads the messages; `angular` is semantic-release's default and does not know `!`. */
  readonly preset: 'angular' | 'conventionalcommits'
  /** Asked before the default rules. */
  readonly releaseRules?: readonly ReleaseRule[] | undefined
}

/** semantic-release without configuration. */
export const semanticRelease: SemanticReleasePolicy = {
  kind: 'semantic-release',
  name: 'semantic-release',
  preset: 'angular',
}

/** Its default rules; those for other presets than these two can match nothing here. */
export const DEFAULT_RULES: readonly ReleaseRule[] = [
  { breaking: true, release: 'major' },
  { revert: true, release: 'patch' },
  { type: 'feat', release: 'minor' },
  { type: 'fix', release: 'patch' },
  { type: 'perf', release: 'patch' },
  { type: 'FEAT', release: 'minor' },
  { type: 'FIX', release: 'patch' },
]
