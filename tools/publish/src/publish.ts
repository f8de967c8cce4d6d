import {
  assertProven,
  createContext,
  messageOf,
  plainCopy,
  planDigest,
  WaybillError,
  withFileLocks,
  type ContextOptions,
  type Destination,
  type Destinations,
  type Finding,
  type ProvenImage,
  type PublishPlan,
  type Receipt,
  type ReceiptResult,
} from '@waybill/core'
import { failedIn } from './errors.ts'
import { imagesOf, type Hook } from './hooks.ts'
import { openJournal, type Journal } from './journal.ts'
import { forEachDestination, liveNames, type PlannedName, type PublishRun } from './run.ts'
import { confirmNames, readBack } from './confirm.ts'
import { has, survey, type Survey } from './survey.ts'
import { assertPlanDigest } from './plan-digest.ts'
import { matchTargets, unplanned } from './target.ts'
import {
  assertDigests,
  assertNames,
  assertShape,
  assertSubject,
  verifyContent,
} from './verify-content.ts'
import { moveRolling, writeImmutable } from './write-names.ts'

export interface PublishOptions<Name extends string = string> extends ContextOptions {
  /** What is published: the very content the plan was made for. */
  readonly content: ProvenImage
  /** Every destination the plan names. */
  readonly to: Destinations<Name>
  /**
   * The plan was made a moment ago and nobody was asked since: what it saw is not looked at again at the start. Every name is looked at
   * again before it is written all the same. @default false
   */
  readonly justPlanned?: boolean | undefined
  /** A folder that remembers what rolling names were before a killed run. @default none: they only go forward */
  readonly journal?: string | undefined
  /** Run once the immutable names stand everywhere, before any rolling name moves: sign here. */
  readonly beforeRolling?: Hook | readonly Hook[] | undefined
  /** What the plan's digest must be, as somebody approved it. */
  readonly planDigest?: string | undefined
  /** Where publishers of this machine find each other. @default one folder per user in the temporary folder */
  readonly lockFolder?: string | undefined
  /** Milliseconds to wait for another publisher. @default 600000 */
  readonly lockWait?: number | undefined
}

/**
 * Carries a plan out at all of its destinations, or leaves nothing visible: content everywhere, immutable names everywhere, hooks,
 * rolling names everywhere, each read back before the next. What stands already is left alone, so the same call finishes a killed run.
 * @throws {ERR_UNPROVEN} {ERR_INVALID_PLAN} {ERR_PLAN_MISMATCH} {ERR_DESTINATION_MISSING} {ERR_IMMUTABLE_TAG} {ERR_STALE_PLAN} {ERR_DIGEST_MISMATCH}
 * {ERR_LOCKED} {ERR_READ_BACK} {ERR_HOOK_FAILED}, and what a destination throws, with the outcome `partial` once something was written.
 */
export async function publish<Name extends string>(
  given: PublishPlan<Name>,
  options: PublishOptions<NoInfer<Name>>,
): Promise<Receipt> {
  // What is checked is what is carried out, whatever becomes of the caller's object meanwhile.
  const plan = plainCopy(given)
  const proven = options.content
  assertProven(proven)
  assertShape(plan)
  assertPlanDigest(plan, options.planDigest)
  assertSubject(plan, proven)
  const targets = matchTargets(plan, options.to)
  assertDigests(plan, targets, proven)
  assertNames(plan, targets)
  const context = createContext(options)
  const findings = unplanned(plan, options.to)
  const written = new Set<string>()
  const perhaps = new Set<string>()
  const confirmed = new Set<string>()
  const live = new Set(targets)
  const isFresh = options.justPlanned === true
  const run: PublishRun = {
    plan,
    proven,
    context,
    isFresh,
    live,
    findings,
    written,
    confirmed,
    perhaps,
  }
  const names = targets.map(({ destination }) => destination.name)
  let { justPlanned = false } = options
  const onWait = (): void => void (justPlanned = false)
  const locks = lockOptions(run, options, onWait)
  return withFileLocks(names, locks, () => journaled(run, { ...options, justPlanned }))
}

function lockOptions(
  run: PublishRun,
  options: PublishOptions,
  onWait: () => void,
): Parameters<typeof withFileLocks>[1] {
  const { logger, signal } = run.context
  return {
    folder: options.lockFolder,
    wait: options.lockWait,
    purpose: `publishing ${planDigest(run.plan)}`,
    signal,
    onWait: ({ name, pid, purpose }) => {
      onWait()
      logger.info(`${name}: waiting for process ${pid}, ${purpose}`)
    },
  }
}

async function journaled(run: PublishRun, options: PublishOptions): Promise<Receipt> {
  const journal = await openJournal(options.journal, run.plan)
  try {
    const found = await survey(run, { justPlanned: options.justPlanned === true })
    return await transact(run, found, { hooks: [options.beforeRolling ?? []].flat(), journal })
  } finally {
    await journal.close()
  }
}

async function transact(
  run: PublishRun,
  found: Survey,
  { hooks, journal }: { readonly hooks: readonly Hook[]; readonly journal: Journal },
): Promise<Receipt> {
  if (found.pending.size > 0) await verifyContent(run.proven.content, run.context)
  await bringContent(run, found)
  const ofKind = (kind: PlannedName['kind']): readonly PlannedName[] =>
    found.names.filter((name) => name.kind === kind)
  const immutable = ofKind('immutable').filter((name) => found.pending.has(name))
  await writeImmutable(run, immutable)
  const moves = ofKind('rolling').some((name) => found.pending.has(name))
  if (moves) await confirmNames(run, 'immutable names', liveNames(run, ofKind('immutable')))
  if (needsHooks(run, found)) await runHooks(run, hooks)
  await moveRolling(run, ofKind('rolling'), { pending: found.pending, journal })
  await readBack(run, liveNames(run, found.names))
  await journal.settled('done').catch((error: unknown) => {
    throw failedIn('reading back', [error], run)
  })
  return receipt(run, found)
}

async function bringContent(run: PublishRun, { names, pending }: Survey): Promise<void> {
  const { content } = run.proven
  const { signal } = run.context
  await forEachDestination(run, 'content', (target) => {
    const { destination } = target
    // A name that is right says nothing of what it leads to, so what can be lost below it is looked for in any case.
    if (!has(pending, target) && destination.read === undefined) return undefined
    return async () => {
      const { named = [], uploaded, mounted } = await destination.put(content, signal)
      for (const name of named) run.written.add(`${destination.name}:${name}`)
      await destination.check(content, signal)
      const stood = names.some((name) => name.target === target && name.found === name.wanted)
      if (stood && destination.read !== undefined && uploaded + mounted > 0)
        run.findings.push(broughtBack(destination, uploaded + mounted))
    }
  })
}

function broughtBack({ name }: Destination, parts: number): Finding {
  return {
    code: 'content-brought-back',
    level: 'warning',
    message: `${name}: names of this release were there, but ${parts === 1 ? 'one part' : `${parts} parts`} of its content ${parts === 1 ? 'was' : 'were'} missing and ${parts === 1 ? 'was' : 'were'} sent again`,
    suggestion:
      'Look at the other versions there with `waybill heal`: the registry may have lost more.',
    where: { repository: name },
  }
}

// Rolling names move after the hooks: where they all stand, the hooks have run. A plan without any can't tell.
function needsHooks(run: PublishRun, { names, pending }: Survey): boolean {
  const rolling = liveNames(run, names).filter(({ kind }) => kind === 'rolling')
  return rolling.length === 0 || rolling.some((name) => pending.has(name))
}

async function runHooks(run: PublishRun, hooks: readonly Hook[]): Promise<void> {
  const live = [...run.live].map(({ destination, plan }) => [destination.name, plan] as const)
  const published = { plan: run.plan, images: imagesOf(live) }
  for (const hook of hooks) {
    try {
      await hook(published, run.context)
    } catch (error) {
      throw failedIn('hooks', [hookFailed(error)], run)
    }
  }
}

function hookFailed(error: unknown): WaybillError {
  return new WaybillError('ERR_HOOK_FAILED', `A beforeRolling hook failed: ${messageOf(error)}`, {
    hint: 'Mend what it runs and publish the same again: the immutable names stand already.',
    cause: error,
  })
}

function receipt(run: PublishRun, { names }: Survey): Receipt {
  const { plan, proven, written, findings } = run
  return {
    schemaVersion: 1,
    plan: planDigest(plan),
    ...(plan.release === undefined ? {} : { release: plan.release }),
    subject: plan.subject.digest,
    waived: proven.proof.kind === 'waived' ? proven.proof.reason : null,
    ...(proven.proof.kind === 'identity' && proven.proof.through !== undefined
      ? { through: proven.proof.through }
      : {}),
    results: inPlanOrder(run, names).map((name) => resultOf(name, written)),
    findings,
  }
}

// They were found in the order in which the destinations answered.
function inPlanOrder(run: PublishRun, names: readonly PlannedName[]): readonly PlannedName[] {
  return [...run.live].flatMap((target) => names.filter((name) => name.target === target))
}

function resultOf(
  { target, name, kind, wanted }: PlannedName,
  written: ReadonlySet<string>,
): ReceiptResult {
  const destination = target.destination.name
  const outcome = written.has(`${destination}:${name}`) ? 'applied' : 'unchanged'
  const url = target.destination.url?.(name)
  const seen = url === undefined ? {} : { url }
  return { destination, name, kind, digest: wanted, outcome, ...seen }
}
