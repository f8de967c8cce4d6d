import {
  isWaybillError,
  messageOf,
  parseJson,
  planDigest,
  WaybillError,
  type Digest,
  type PublishPlan,
} from '@waybill/core'
import { assertPlanDigest } from './plan-digest.ts'
import { PLAN_KEYS } from './plan-keys.ts'
import { planShape } from './plan-shape.ts'
import { contradiction, wrongNames } from './planned-names.ts'
import { THE_WHOLE } from './shape.ts'

export interface ParsePlanOptions {
  /** The digest under which somebody approved the plan. Without it the plan must have its own beside it. */
  readonly planDigest?: string | undefined
}

/**
 * Reads a publish plan that was written as JSON, as `where` names it: every field as the planner writes it, no other, every name one that its
 * naming makes, and its own `digest`, as the command line prints it. That digest finds what was changed by mistake; whoever changes
 * a plan on purpose writes another digest, so hold a plan that was reviewed to the digest that was.
 * @throws {ERR_INVALID_JSON} {ERR_AMBIGUOUS_JSON} {ERR_INVALID_PLAN} naming the field, {ERR_PLAN_MISMATCH} for one that was changed since.
 */
export function parsePlan(
  text: Uint8Array | string,
  where: string,
  options: ParsePlanOptions = {},
): PublishPlan {
  const read = readJson(text, where)
  const wrong = planShape(read, THE_WHOLE)
  if (wrong !== undefined) throw invalidPlan(where, wrong)
  const { digest, ...plan } = read as PublishPlan & { readonly digest?: Digest }
  if (digest === undefined && options.planDigest === undefined) throw noDigest(where, plan)
  assertPlanDigest(plan, digest)
  assertPlanDigest(plan, options.planDigest)
  const against = wrongPlan(plan)
  if (against !== undefined) throw invalidPlan(where, against)
  return plan
}

/** What is wrong with a plan as far as the plan alone tells. A forge's and npm's names depend on files that only the destination knows. */
function wrongPlan(plan: PublishPlan): string | undefined {
  for (const [name, { kind }] of Object.entries(plan.destinations)) {
    const wrong = kind === 'oci' ? wrongNames(plan, { kind, name }) : undefined
    if (wrong !== undefined) return wrong
  }
  return contradiction(plan)
}

/** The error for a plan that the planner would not write. */
export function invalidPlan(where: string, wrong: string): WaybillError {
  return new WaybillError('ERR_INVALID_PLAN', `${where}: not a publish plan: ${wrong}`, {
    hint: 'Write it with publish --dry-run --json and leave it as it is.',
    outcome: 'usage',
    details: { where },
  })
}

function noDigest(where: string, plan: PublishPlan): WaybillError {
  return new WaybillError('ERR_INVALID_PLAN', `${where}: not a publish plan: digest is missing`, {
    hint: 'Write it with publish --dry-run --json, which puts the digest beside it, or give the digest that was approved with --plan-digest.',
    outcome: 'usage',
    details: { where, found: planDigest(plan) },
  })
}

function readJson(text: Uint8Array | string, where: string): unknown {
  try {
    return parseJson(text, where, PLAN_KEYS)
  } catch (error) {
    const isAmbiguous = isWaybillError(error, 'ERR_AMBIGUOUS_JSON')
    throw new WaybillError(
      isAmbiguous ? 'ERR_AMBIGUOUS_JSON' : 'ERR_INVALID_JSON',
      messageOf(error),
      {
        hint: 'It was cut or changed: write it anew with publish --dry-run --json.',
        outcome: 'usage',
        details: { where },
        cause: error,
      },
    )
  }
}
