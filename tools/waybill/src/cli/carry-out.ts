import { resolve } from 'node:path'
import {
  WaybillError,
  isWaybillError,
  writeNamedFile,
  type Context,
  type Destinations,
  type ProvenImage,
  type PublishPlan,
  type Receipt,
} from '@waybill/core'
import { assertPlanDigest, commandHook, publish } from '@waybill/publish'
import type { CommonValues, NotContext } from './command.ts'
import { confirm } from './confirm.ts'
import type { PublishValues } from './publish-values.ts'
import { planSummary, planText } from '../present/plan-summary.ts'
import { assertOwnFolders } from '@waybill/release'
import { present, presentation, type Presentation } from '../present/present.ts'

export interface PublishCall {
  readonly context: Context
  readonly options: PublishValues & CommonValues & NotContext
}

/** What publishing ended with; no receipt after a dry run. */
export interface CarriedOut {
  readonly shown: Presentation
  readonly receipt?: Receipt
}

export interface ReadyToPublish {
  readonly plan: PublishPlan
  readonly proven: ProvenImage
  readonly to: Destinations
  /** The plan was made a moment ago. @default false */
  readonly justPlanned?: boolean
}

/**
 * Publishes a plan, after asking, and writes the receipt where it was asked for; a dry run ends with the plan.
 * @throws {ERR_PLAN_MISMATCH} when the plan is not the one that `--plan-digest` names.
 */
export async function carryOut(ready: ReadyToPublish, call: PublishCall): Promise<CarriedOut> {
  const { context, options } = call
  const { plan, proven, to } = ready
  assertPlanDigest(plan, options.planDigest)
  if (options.dryRun === true) {
    const { json, text } = planSummary([plan])
    return { shown: presentation(json, text) }
  }
  const isAsked = options.yes !== true && options.json !== true
  await confirm(planText(plan), { yes: !isAsked })
  const justPlanned = ready.justPlanned === true && !isAsked
  const journal = resolve(context.cwd, options.journal ?? '.waybill/journal')
  await assertOwnFolders(context, [journal])
  const beforeRolling = (options.beforeRolling ?? []).map(commandHook)
  const receipt = await publish(plan, {
    ...context,
    content: proven,
    to,
    journal,
    beforeRolling,
    justPlanned,
  })
  if (options.receipt !== undefined) await writeReceipt(receipt, options.receipt, context)
  return { shown: present(receipt), receipt }
}

// Everything stands by now; the same call again finds it so, and writes the receipt.
async function writeReceipt(receipt: Receipt, file: string, { cwd }: Context): Promise<void> {
  const text = `${JSON.stringify(receipt, null, 2)}\n`
  try {
    await writeNamedFile(resolve(cwd, file), text)
  } catch (error) {
    if (!isWaybillError(error)) throw error
    const code = error.code as `ERR_${string}`
    throw new WaybillError(code, `${error.message}: the receipt; everything is published`, {
      hint: 'Name another place and run the same again: it finds everything published and writes the receipt.',
      outcome: 'partial',
      cause: error,
    })
  }
}
