import { conventional, type ConventionalPolicy, type PolicyName } from '@waybill/gate'
import type { ConventionalEntry, PolicyEntry } from '../definition/types.ts'

/** The gate's policy that an entry stands for. @default the preset `conventional` */
export function policyOfEntry(
  entry: PolicyEntry | undefined = 'conventional',
): PolicyName | ConventionalPolicy {
  return typeof entry === 'string' ? entry : withRules(entry)
}

/** The entry's policy where it is a conventional one, by whose rules titles can be checked. */
export function conventionalOf(entry: PolicyEntry | undefined): ConventionalPolicy {
  return typeof entry === 'object' ? withRules(entry) : conventional
}

function withRules({ preset: _only, types = {}, ...rules }: ConventionalEntry): ConventionalPolicy {
  const written = Object.entries(types)
  const own = rules.caseSensitive === true ? written : written.map(inLowerCase)
  return { ...conventional, ...rules, types: { ...conventional.types, ...Object.fromEntries(own) } }
}

const inLowerCase = <Value>([type, bump]: readonly [string, Value]): [string, Value] => [
  type.toLowerCase(),
  bump,
]
