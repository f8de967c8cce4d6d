import { planDigest, WaybillError, type PublishPlan } from '@waybill/core'

/** Holds a plan to the digest under which somebody approved it, if they did. @throws {ERR_PLAN_MISMATCH} naming both. */
export function assertPlanDigest(plan: PublishPlan, expected: string | undefined): void {
  const found = planDigest(plan)
  if (expected === undefined || found === expected) return
  throw new WaybillError(
    'ERR_PLAN_MISMATCH',
    `Expected the plan ${expected}, but this one is ${found}`,
    {
      hint: 'Something the plan is made of has changed since it was approved; look at the new plan and approve it.',
      details: { expected, found },
    },
  )
}
