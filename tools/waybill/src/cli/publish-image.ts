import { resolve } from 'node:path'
import {
  WaybillError,
  isDigest,
  planDigest,
  writeFileAtomic,
  type Content,
  type Context,
  type ProvenImage,
  type PublishPlan,
  type Receipt,
} from '@waybill/core'
import { findArtifacts, proveIdentity, readImages, waiveIdentity } from '@waybill/oci'
import { gitRemote, planPublish, publish, type Publishable } from '@waybill/publish'
import { confirm } from './confirm.ts'
import type { CommonValues } from './command.ts'
import type { PublishValues } from './publish-values.ts'
import { planSummary, planText } from '../present/plan-summary.ts'
import { present, presentation, type Presentation } from '../present/present.ts'
import { givenDestinations } from '../release/destinations.ts'

/** An image at hand, from whatever source. */
export interface ImageAtHand {
  readonly content: Content
}

export interface PublishCall {
  readonly context: Context
  readonly options: PublishValues & CommonValues
}

/**
 * Proves an image, plans its names and publishes it, as the options say; a dry run ends with the plan.
 * @throws {ERR_UNPROVEN} without released files and without a reason to go on; {ERR_STALE_PLAN} when the plan is not the one that was reviewed.
 */
export async function publishImage(
  image: ImageAtHand,
  call: PublishCall,
): Promise<{ shown: Presentation; receipt?: Receipt }> {
  const { context, options } = call
  checkPublishOptions(options)
  const proven = await proveAsAsked(image, call)
  const to = givenDestinations(options.to ?? [], options.optional ?? [], {
    ...context,
    ...options,
    out: context.out,
  })
  const all = options.git === undefined ? to : { ...to, git: gitRemote(options.git, context) }
  const { tagPrefix, channel } = options
  const plan = await planPublish(await publishable(image, call), proven, {
    ...context,
    to: all,
    tagPrefix,
    channel,
  })
  assertReviewed(plan, options.planDigest)
  if (options.dryRun === true) {
    const { json, text } = planSummary([plan])
    return { shown: presentation(json, text) }
  }
  await confirm(planText(plan), { yes: options.yes === true || options.json === true })
  const journal = resolve(context.cwd, options.journal ?? '.waybill/journal')
  const receipt = await publish(plan, { ...context, content: proven, to: all, journal })
  if (options.receipt !== undefined)
    await writeFileAtomic(
      resolve(context.cwd, options.receipt),
      `${JSON.stringify(receipt, null, 2)}\n`,
    )
  return { shown: present(receipt), receipt }
}

/** Refuses options that are wrong or contradict each other, before anything is opened or asked. @throws {ERR_USAGE} */
export function checkPublishOptions({
  git,
  to,
  optional,
  artifacts,
  gitTag,
  version,
  planDigest: reviewed,
  waiveIdentity: reason,
}: PublishValues): void {
  givenDestinations(to ?? [], optional ?? [])
  if (version === undefined) throw usage('--version is missing: which version is published?')
  if ((git === undefined) !== (gitTag === undefined))
    throw usage('--git and --git-tag go together: which remote, and which tag?')
  if (artifacts !== undefined && reason !== undefined)
    throw usage('--artifacts and --waive-identity contradict each other: give one')
  if (reason?.trim() === '') throw usage('--waive-identity needs a reason; the receipt keeps it')
  if (reviewed !== undefined && !isDigest(reviewed))
    throw usage(`--plan-digest is no digest: ${reviewed}`)
}

async function proveAsAsked(
  image: ImageAtHand,
  { context, options }: PublishCall,
): Promise<ProvenImage> {
  const { artifacts, waiveIdentity: reason, path } = options
  if (reason !== undefined) return waiveIdentity(image, { reason })
  if (artifacts === undefined) throw unproven()
  const folder = resolve(context.cwd, artifacts)
  const found = await findArtifacts(folder)
  return proveIdentity(image, found.artifacts, {
    ...context,
    out: found.folder,
    ...(path === undefined ? {} : { path }),
  })
}

async function publishable(
  { content }: ImageAtHand,
  { options }: PublishCall,
): Promise<Publishable> {
  const { version, gitTag } = options
  const commit = options.commit ?? (await revisionOf(content))
  return {
    version: version!,
    ...(commit === undefined ? {} : { commit }),
    ...(gitTag === undefined ? {} : { tag: gitTag }),
  }
}

const REVISION = 'org.opencontainers.image.revision'

async function revisionOf(content: Content): Promise<string | undefined> {
  const images = await readImages(content)
  const revision = images[0]?.config.config?.Labels?.[REVISION]
  return revision !== undefined && /^[0-9a-f]{7,64}$/.test(revision) ? revision : undefined
}

function assertReviewed(plan: PublishPlan, reviewed: string | undefined): void {
  const found = planDigest(plan)
  if (reviewed === undefined || reviewed === found) return
  throw new WaybillError(
    'ERR_STALE_PLAN',
    `The plan is not the one that was reviewed: expected ${reviewed}, found ${found}`,
    {
      hint: 'Look at the plan again with --dry-run; nothing was written.',
      details: { expected: reviewed, found },
    },
  )
}

const usage = (message: string): WaybillError =>
  new WaybillError('ERR_USAGE', message, { outcome: 'usage' })

const unproven = (): WaybillError =>
  new WaybillError('ERR_UNPROVEN', 'Nothing says that the image holds the released bytes', {
    hint: 'Give the released files with --artifacts DIR, or a reason to go on without them with --waive-identity REASON.',
  })
