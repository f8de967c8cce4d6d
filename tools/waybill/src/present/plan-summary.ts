import { planDigest, wantedAt, type PublishPlan } from '@waybill/core'
import { table } from './table.ts'
import { short } from './units.ts'

/** Publish plans before they are carried out: one document, and the names at each destination with what stands there now. */
export function planSummary(plans: readonly PublishPlan[]): {
  readonly json: unknown
  readonly text: string
} {
  const documents = plans.map((plan) => ({ ...plan, digest: planDigest(plan) }))
  const json = documents.length === 1 ? documents[0] : { schemaVersion: 1, plans: documents }
  return { json, text: plans.map(planText).join('\n\n') }
}

/** One publish plan in words. */
export function planText(plan: PublishPlan): string {
  const rows = Object.entries(plan.destinations).flatMap(([destination, names]) =>
    (['immutable', 'rolling'] as const).flatMap((kind) =>
      names[kind].map((name) => [
        destination,
        name,
        kind,
        change(plan.observed[destination]?.[name], wantedAt(names, name)),
      ]),
    ),
  )
  return `${table(rows)}\nplan ${planDigest(plan)}`
}

function change(observed: string | undefined, wanted: string): string {
  if (observed === wanted) return `${short(wanted)} stands`
  if (observed === undefined || observed === 'absent') return `new: ${short(wanted)}`
  return `${short(observed)} becomes ${short(wanted)}`
}
