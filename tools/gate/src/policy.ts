import type { Bump } from '@waybill/core'

/** What decides from commits, as data. */
export interface Policy {
  readonly name: string
  /** What each type bumps; a type that is not named bumps nothing. Written in lower case unless `caseSensitive`. */
  readonly types: Readonly<Record<string, Bump>>
  /** @default false */
  readonly caseSensitive?: boolean
  /** What a breaking change bumps before 1.0.0. @default 'minor' */
  readonly breakingBeforeMajor?: Bump
  /** What a feature (a type that bumps minor) bumps before 1.0.0. @default 'minor' */
  readonly featureBeforeMajor?: Bump
  /** The version of a component's first release. @default '0.1.0' */
  readonly initialVersion?: string
  /** Lets Release-As name a version that is not higher than the last one. @default false */
  readonly allowDowngrade?: boolean
}

/** The default: feat, fix, perf, revert and deps release, a breaking change of any type does. */
export const conventional: Policy = {
  name: 'conventional',
  types: {
    feat: 'minor',
    feature: 'minor',
    fix: 'patch',
    perf: 'patch',
    revert: 'patch',
    deps: 'patch',
  },
}
