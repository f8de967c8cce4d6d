import { WaybillError, isDigest, tagNameProblem } from '@waybill/core'
import { planNames } from '@waybill/publish'
import type { PublishValues } from './publish-values.ts'
import { givenDestinations } from '../release/destinations.ts'

/**
 * Refuses options that are wrong, contradict each other or prove nothing, before anything is opened or asked.
 * @throws {ERR_USAGE} {ERR_UNPROVEN} without released files and without a reason to go on; what `planNames` throws.
 */
export function checkPublishOptions(options: PublishValues): void {
  const { artifacts, waiveIdentity: reason } = options
  if (artifacts !== undefined && reason !== undefined)
    throw usage('--artifacts and --waive-identity contradict each other: give one')
  if (reason?.trim() === '') throw usage('--waive-identity needs a reason; the receipt keeps it')
  if (reason !== undefined && (options.through !== undefined || options.strict === true))
    throw usage('--through and --strict are part of the proof, which --waive-identity leaves out')
  if (options.planDigest !== undefined && !isDigest(options.planDigest))
    throw usage(`--plan-digest is no digest: ${options.planDigest}`)
  if (options.plan === undefined) checkWishes(options)
  else checkPlanAlone(options)
}

function checkWishes(options: PublishValues): void {
  const { git, to, optional, gitTag, version } = options
  if ((to ?? []).length === 0)
    throw usage('--to is missing: where to?', 'Name each repository: --to ghcr.io/acme/hello.')
  givenDestinations(to ?? [], optional ?? [])
  if (version === undefined) throw usage('--version is missing: which version is published?')
  if ((git === undefined) !== (gitTag === undefined))
    throw usage('--git and --git-tag go together: which remote, and which tag?')
  const problem = gitTag === undefined ? undefined : tagNameProblem(gitTag)
  if (problem !== undefined) throw usage(`--git-tag: ${problem}`, 'Name a tag that git takes.')
  planNames(version, [], options)
  if (options.artifacts === undefined && options.waiveIdentity === undefined) throw unproven()
}

// What a plan was made of; given beside the plan it would be believed to count.
const WISHES = {
  version: '--version',
  to: '--to',
  optional: '--optional',
  tagPrefix: '--tag-prefix',
  channel: '--channel',
  yanked: '--yanked',
  commit: '--commit',
  git: '--git',
  gitTag: '--git-tag',
  waiveIdentity: '--waive-identity',
  through: '--through',
} as const

function checkPlanAlone(options: PublishValues): void {
  const keys = Object.keys(WISHES) as (keyof typeof WISHES)[]
  const beside = keys.filter((key) => options[key] !== undefined).map((key) => WISHES[key])
  if (beside.length === 0) return
  throw usage(
    `${beside.join(', ')} beside --plan: the plan says that`,
    'Publish the plan as it is, or make another with --dry-run --json.',
  )
}

const usage = (message: string, hint?: string): WaybillError =>
  new WaybillError('ERR_USAGE', message, {
    outcome: 'usage',
    ...(hint === undefined ? {} : { hint }),
  })

const unproven = (): WaybillError =>
  new WaybillError('ERR_UNPROVEN', 'Nothing says that the image holds the released bytes', {
    hint: 'Give the released files with --artifacts DIR, or a reason to go on without them with --waive-identity REASON.',
  })
