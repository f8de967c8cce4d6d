import type { Decision } from '@waybill/core'
import { EXIT } from '../exit-code.ts'
import { decisionText, presentation, type Presentation } from './present.ts'

/** The decisions of all components as `gate` shows them; blocked is exit 1, nothing due exit 3. */
export function presentDecisions(decisions: readonly Decision[]): Presentation {
  const json = { schemaVersion: 1, components: decisions.map(decisionJson) }
  return presentation(json, decisions.map(decisionText).join('\n\n'), exitOf(decisions))
}

/** The exit code of a gate over several components. */
export function exitOf(decisions: readonly Decision[]): number {
  if (decisions.some(({ status }) => status === 'blocked')) return EXIT.failed
  return decisions.some(({ status }) => status === 'due') ? EXIT.done : EXIT.nothing
}

function decisionJson(decision: Decision): object {
  const due = decision.status === 'due' ? decision : undefined
  const { component, last, status, bump, commits, findings } = decision
  return {
    name: component.name,
    path: component.path,
    last,
    status,
    bump,
    version: due?.release.version ?? null,
    releaseAs: due?.releaseAs ?? null,
    resumed: due?.resumed ?? false,
    commits,
    findings,
  }
}
