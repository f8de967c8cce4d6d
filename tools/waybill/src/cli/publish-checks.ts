import {
  WaybillError,
  isDigest,
  tagNameProblem,
  type PublishPlan,
  type ThroughCheck,
} from '@waybill/core'
import { planNames } from '@waybill/publish'
import type { PublishValues } from './publish-values.ts'
import { givenDestinations } from '@waybill/release'

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
  commit: '--commit',
  git: '--git',
  gitTag: '--git-tag',
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

/**
 * Holds the options of the proof to the one that a plan file says: a file alone waives nothing and withdraws no version, and what is given to prove something is never
 * put aside.
 * @throws {ERR_USAGE} {ERR_UNPROVEN} {ERR_NO_IMAGE}
 */
export function checkProofOptions(
  { proof, naming }: PublishPlan,
  options: PublishValues,
  file: string,
): void {
  const { artifacts, path, waiveIdentity: reason, planDigest } = options
  if (proof.kind === 'files') throw filesAlone(file)
  checkYanked(naming.yanked ?? [], options, file)
  if (proof.kind === 'identity' && reason !== undefined)
    throw usage(`--waive-identity beside ${file}: that plan is of a proved image`)
  if (proof.kind === 'identity') return checkAccepted(proof.through ?? [], options, file)
  const given = [artifacts === undefined ? [] : '--artifacts', path === undefined ? [] : '--path']
  if (given.flat().length > 0)
    throw usage(
      `${given.flat().join(', ')} beside ${file}: that plan waives the proof of identity ("${proof.reason}")`,
      'Make another plan with --artifacts, or publish this one without.',
    )
  if (reason !== undefined && reason.trim() !== proof.reason)
    throw usage(
      `--waive-identity says "${reason}", but the plan waives it because of "${proof.reason}"`,
    )
  if (reason === undefined && planDigest === undefined) throw waivedByFile(file, proof.reason)
}

// A version that counts as withdrawn lets rolling names go back to a lower one.
function checkYanked(
  planned: readonly string[],
  { yanked = [], planDigest }: PublishValues,
  file: string,
): void {
  const other = yanked.find((version) => !planned.includes(version))
  if (other !== undefined)
    throw usage(
      `--yanked ${other} beside ${file}: that plan takes no such version as withdrawn`,
      'Publish the plan as it is, or make another with --yanked and --dry-run --json.',
    )
  const unsaid = planned.find((version) => !yanked.includes(version))
  if (unsaid === undefined || planDigest !== undefined) return
  throw usage(
    `${file} takes version ${unsaid} as withdrawn, so that rolling names may go back, and nobody but the file says so`,
    `Give the digest of the plan as it was reviewed (--plan-digest), or say it on the call as well: --yanked ${unsaid}.`,
  )
}

// A program that the file alone accepts could be the one that hides another.
function checkAccepted(
  planned: readonly ThroughCheck[],
  { through = [], planDigest }: PublishValues,
  file: string,
): void {
  const isSaid = ({ path, digest }: ThroughCheck): boolean =>
    through.some((one) => one.path === path && [one.digest].flat().includes(digest))
  const other = through.find(({ path }) => planned.every((one) => one.path !== path))
  if (other !== undefined)
    throw usage(`--through ${other.path} beside ${file}: that plan accepts no such program`)
  const unsaid = planned.find((one) => !isSaid(one))
  if (unsaid === undefined || planDigest !== undefined) return
  throw usage(
    `${file} accepts ${unsaid.path} as a program that starts before the binary, and nobody but the file says so`,
    `Give the digest of the plan as it was reviewed (--plan-digest), or say it on the call as well: --through ${unsaid.path}=${unsaid.digest}.`,
  )
}

const filesAlone = (file: string): WaybillError =>
  new WaybillError(
    'ERR_NO_IMAGE',
    `${file} is a plan of files alone, and publish --plan publishes an image`,
    {
      outcome: 'usage',
      hint: 'Run `waybill release` at the same commit, which publishes the files.',
    },
  )

const waivedByFile = (file: string, reason: string): WaybillError =>
  new WaybillError(
    'ERR_UNPROVEN',
    `${file} waives the proof of identity ("${reason}"), and nobody but the file says so`,
    {
      hint: 'Give the digest of the plan as it was reviewed (--plan-digest), or say it on the call as well: --waive-identity with the same reason.',
    },
  )

const usage = (message: string, hint?: string): WaybillError =>
  new WaybillError('ERR_USAGE', message, {
    outcome: 'usage',
    ...(hint === undefined ? {} : { hint }),
  })

const unproven = (): WaybillError =>
  new WaybillError('ERR_UNPROVEN', 'Nothing says that the image holds the released bytes', {
    hint: 'Give the released files with --artifacts DIR, or a reason to go on without them with --waive-identity REASON.',
  })
