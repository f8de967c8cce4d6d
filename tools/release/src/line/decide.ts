import type { ContextOptions, Decision } from '@waybill/core'
import { decide, readAllCommits } from '@waybill/gate'
import type { Definition, PolicyEntry } from '../definition/types.ts'
import { componentEntry, componentsOf } from './components.ts'
import { policyOfEntry } from './policy.ts'

export interface DecideAllOptions extends ContextOptions {
  /** Only this component; its siblings still take their own commits. */
  readonly component?: string | undefined
  /** Counts commits after this revision instead of the last release. */
  readonly since?: string | undefined
  /** Decides at this revision. @default 'HEAD' */
  readonly until?: string | undefined
  /** Overrides the definition's. */
  readonly policy?: PolicyEntry | undefined
}

/**
 * Decides every component of a definition in one pass over the history.
 * @throws {ERR_UNKNOWN_COMPONENT}, and what `readAllCommits` throws.
 */
export async function decideAll(
  definition: Definition,
  options: DecideAllOptions = {},
): Promise<Decision[]> {
  if (options.component !== undefined) componentEntry(definition, options.component)
  const policy = policyOfEntry(options.policy ?? definition.policy)
  const ranges = await readAllCommits(componentsOf(definition), options)
  const chosen = ranges.filter(
    ({ component }) => options.component === undefined || component.name === options.component,
  )
  return chosen.map((range) => decide(range, { policy }))
}
