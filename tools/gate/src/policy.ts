import { suggest, WaybillError } from '@waybill/core'
import { changesets, type ChangesetsPolicy } from './changesets/policy.ts'
import { conventional, type ConventionalPolicy } from './conventional/policy.ts'
import { everyCommit, type EveryCommitPolicy } from './every-commit/policy.ts'
import { releasePleaseDefaults, type ReleasePleasePolicy } from './release-please/policy.ts'
import { semanticRelease, type SemanticReleasePolicy } from './semantic-release/policy.ts'

/** What decides from commits, as data; `kind` says which tool's way of reading it uses. */
export type Policy =
  | ConventionalPolicy
  | ReleasePleasePolicy
  | SemanticReleasePolicy
  | EveryCommitPolicy
  | ChangesetsPolicy

/** The names of the policies that come with Waybill; `release-plz` is `every-commit` under its tool's name. */
export type PolicyName =
  | 'conventional'
  | 'release-please'
  | 'semantic-release'
  | 'semantic-release/angular'
  | 'semantic-release/conventionalcommits'
  | 'every-commit'
  | 'release-plz'
  | 'changesets'

/** The policies that come with Waybill, by name. */
export const policies: Readonly<Record<PolicyName, Policy>> = {
  conventional,
  'release-please': releasePleaseDefaults(),
  'semantic-release': semanticRelease,
  'semantic-release/angular': { ...semanticRelease, name: 'semantic-release/angular' },
  'semantic-release/conventionalcommits': {
    ...semanticRelease,
    name: 'semantic-release/conventionalcommits',
    preset: 'conventionalcommits',
  },
  'every-commit': everyCommit,
  'release-plz': { ...everyCommit, name: 'release-plz' },
  changesets,
}

/** The policy of a name, or the policy itself. @throws {ERR_UNKNOWN_POLICY} with the nearest name. */
export function policyOf(policy: PolicyName | Policy): Policy {
  if (typeof policy === 'object') return policy
  if (Object.hasOwn(policies, policy)) return policies[policy]
  const message = `There is no policy "${policy as string}"; ${suggest(policy, Object.keys(policies))}`
  throw new WaybillError('ERR_UNKNOWN_POLICY', message, {
    outcome: 'usage',
    hint: `The policies are ${Object.keys(policies).join(', ')}.`,
  })
}
