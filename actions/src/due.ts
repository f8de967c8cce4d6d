import {
  decideReleases,
  decisionSection,
  decisionText,
  planRelease,
  readDefinition,
  type Context,
  type Decision,
  type ReleasePlan,
} from 'waybill'
import { annotateFindings } from './log.ts'
import { escape, findingsMarkdown, sectionsMarkdown } from './markdown.ts'
import type { Result } from './session.ts'

/** What is due at HEAD. */
export interface Due {
  readonly decisions: readonly Decision[]
  readonly plan: ReleasePlan
}

/** Decides and plans; reads the definition and git, and runs neither. */
export async function readDue(
  inputs: {
    readonly component?: string | undefined
    readonly config?: string | undefined
    readonly 'allow-code'?: boolean
  },
  context: Context,
): Promise<Due> {
  const { definition } = await readDefinition({
    ...context,
    config: inputs.config,
    allowCode: inputs['allow-code'],
  })
  const { decisions } = await decideReleases(definition, {
    ...context,
    component: inputs.component,
  })
  return { decisions, plan: planRelease(decisions, definition) }
}

/** What is due, as outputs. One that is blocked releases nothing. */
export function dueResult({ decisions, plan }: Due): Result<'gate'> {
  const failed = blocked(decisions)
  const { releases, matrix } = failed === undefined ? plan : { releases: [], matrix: [] }
  const [only] = releases.length === 1 ? releases : []
  return {
    outputs: {
      release: String(releases.length > 0),
      version: only?.version ?? '',
      tag: only?.tag ?? '',
      commit: releases[0]?.commit ?? '',
      matrix: JSON.stringify({ include: matrix }),
      cells: String(matrix.length),
      reasons: reasonsOf(decisions),
      plan: JSON.stringify({ ...plan, releases, matrix }),
    },
    summary: decisionsMarkdown(decisions),
    failed,
  }
}

/** Every decision in words, a line a commit. */
export const reasonsOf = (decisions: readonly Decision[]): string =>
  decisions.map(decisionText).join('\n\n')

/** Why a decision stops the job, with its findings shown where they are; undefined where none does. */
export function blocked(decisions: readonly Decision[]): string | undefined {
  const names = decisions
    .filter(({ status }) => status === 'blocked')
    .map(({ component }) => component.name)
  if (names.length === 0) return undefined
  return `${names.join(', ')}: blocked. Mend the errors above; nothing is released before.`
}

/** Shows the findings of decisions as annotations. */
export function annotateDecisions(decisions: readonly Decision[]): void {
  annotateFindings(decisions.flatMap(({ findings }) => findings))
}

/** Decisions for a job's summary. */
export function decisionsMarkdown(decisions: readonly Decision[]): string {
  return decisions
    .map((decision) => {
      const title = `## ${escape(headline(decision))}\n\n`
      const table = sectionsMarkdown([decisionSection(decision)])
      return `${title}${findingsMarkdown(decision.findings)}\n${table}`
    })
    .join('\n')
}

function headline(decision: Decision): string {
  const { name } = decision.component
  if (decision.status === 'due') return `${name} ${decision.release.version} is due`
  return decision.status === 'blocked' ? `${name} is blocked` : `${name}: nothing to release`
}
