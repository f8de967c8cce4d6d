import type { Bump } from '@waybill/core'

/** Rules by commit type, as data. */
export interface ConventionalPolicy {
  readonly kind: 'conventional'
  readonly name: string
  /** What each type bumps; a type that is not named bumps nothing. Written in lower case unless `caseSensitive`. */
  readonly types: Readonly<Record<string, Bump>>
  /** @default false */
  readonly caseSensitive?: boolean | undefined
  /** What a breaking change bumps before 1.0.0. @default 'minor' */
  readonly breakingBeforeMajor?: Bump | undefined
  /** What a feature (a type that bumps minor) bumps before 1.0.0. @default 'minor' */
  readonly featureBeforeMajor?: Bump | undefined
  /** The version of a component's first release. @default '0.1.0' */
  readonly initialVersion?: string | undefined
  /** Lets Release-As name a version that is not higher than the last one. @default false */
  readonly allowDowngrade?: boolean | undefined
}

/** The default: feat, fix, perf, revert and deps release, a breaking change of any type does. */
export const conventional: ConventionalPolicy = {
  kind: 'conventional',
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
