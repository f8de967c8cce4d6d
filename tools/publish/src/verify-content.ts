import {
  canonicalJson,
  compareText,
  inStep,
  isDigest,
  mapLimit,
  WaybillError,
  type Artifact,
  type Content,
  type Context,
  type Destination,
  type DestinationPlan,
  type Proof,
  type ProvenImage,
  type PublishPlan,
} from '@waybill/core'
import { readAsStored } from '@waybill/core/internal'
import { assertGoing } from './errors.ts'
import { releaseOf, toldOf } from './existing.ts'
import { invalidPlan } from './parse-plan.ts'
import { planShape } from './plan-shape.ts'
import { contradiction, wrongNames } from './planned-names.ts'
import { THE_WHOLE } from './shape.ts'
import type { PlannedDestination } from './target.ts'

/** Checks that content and proof are the plan's. @throws {ERR_PLAN_MISMATCH} naming both. */
export function assertSubject(plan: PublishPlan, proven: ProvenImage): void {
  const found = proven.content.subject.digest
  if (found !== plan.subject.digest)
    throw mismatch(`publishes ${plan.subject.digest}`, `the content given is ${found}`)
  const [planned, given] = [plan.proof, proven.proof].map(outlineOf)
  if (planned !== given) throw mismatch(`holds the proof ${planned}`, `the content has ${given}`)
  const [listed, compared] = [plan.artifacts, proven.artifacts].map(filesIn)
  if (listed !== compared)
    throw mismatch(`has the released files ${listed}`, `the content was compared with ${compared}`)
}

/** Checks that the plan's digests are what each destination's names should point at. @throws {ERR_PLAN_MISMATCH} */
export function assertDigests(
  plan: PublishPlan,
  targets: readonly PlannedDestination[],
  proven: ProvenImage,
): void {
  const { content } = proven
  const release = toldOf(releaseOf(plan))
  for (const { destination, plan: planned } of targets) {
    const wanted = destination.wanted(content, release)
    if (wanted !== planned.digest)
      throw mismatch(
        `points ${destination.name} at ${planned.digest}`,
        `the content makes it ${wanted}`,
      )
    assertOwn(destination, planned)
    assertCompared(planned, proven)
  }
}

// A destination that was made for other files, for more or for fewer is not the plan's.
function assertOwn(destination: Destination, planned: DestinationPlan): void {
  const { name: where, digests = {}, rolling = [] } = destination
  const names = [...planned.immutable, ...planned.rolling]
  if (names.length === 0 && planned.digests === undefined) return
  const own = Object.keys({ ...planned.digests, ...digests }).find((name) => {
    const isPlanned = names.includes(name)
    return isPlanned ? digests[name] !== planned.digests?.[name] : !rolling.includes(name)
  })
  if (own === undefined) return
  throw mismatch(
    `points ${where}: ${own} at ${planned.digests?.[own] ?? 'nothing'}`,
    `it is ${digests[own] ?? 'nothing'} there`,
  )
}

// The file of that name that the image was compared with is the one that people download.
function assertCompared({ digests = {} }: DestinationPlan, { artifacts }: ProvenImage): void {
  for (const [name, digest] of Object.entries(digests)) {
    const file = name.slice(name.lastIndexOf('/') + 1)
    const compared = artifacts.find((artifact) => artifact.name === file)
    if (compared === undefined || !isDigest(digest) || digest === compared.digest) continue
    throw new WaybillError(
      'ERR_DIGEST_MISMATCH',
      `${name}: expected ${compared.digest}, the file the image was compared with, found ${digest}`,
      {
        hint: 'Publish the very files that the image was proved against.',
        details: { where: name, expected: compared.digest, found: digest },
      },
    )
  }
}

// Wherever the files lay, and in whatever order they were found.
const filesIn = (artifacts: readonly Artifact[]): string =>
  artifacts
    .map(({ name, digest }) => `${name} ${digest}`)
    .toSorted(compareText)
    .join(', ') || 'none'

/** Checks that a plan has every field of a plan, and no other. @throws {ERR_INVALID_PLAN} naming the field. */
export function assertShape(plan: PublishPlan): void {
  const wrong = planShape(plan, THE_WHOLE)
  if (wrong !== undefined) throw invalidPlan('The plan', wrong)
}

/**
 * Holds a plan to the planner's rules, whoever made it: every name is one that its naming makes there.
 * @throws {ERR_INVALID_PLAN} naming the field.
 */
export function assertNames(plan: PublishPlan, targets: readonly PlannedDestination[]): void {
  const wrong = contradiction(plan)
  if (wrong !== undefined) throw invalidPlan('The plan', wrong)
  for (const { destination } of targets) {
    const names = wrongNames(plan, destination)
    if (names !== undefined) throw invalidPlan('The plan', names)
  }
}

// What was compared, wherever the files lay.
function outlineOf(proof: Proof): string {
  if (proof.kind !== 'identity') return canonicalJson(proof)
  const checked = proof.checked.map(({ platform, path, image, released }) => ({
    platform,
    path,
    image,
    released,
  }))
  return canonicalJson({ kind: proof.kind, checked })
}

function mismatch(planned: string, given: string): WaybillError {
  return new WaybillError('ERR_PLAN_MISMATCH', `The plan ${planned}, but ${given}`, {
    hint: 'Give the image the plan was made for, or make a new plan for this one.',
    details: { planned, given },
  })
}

/**
 * Reads every byte of the content that is at hand, so that damage is found before anything is written. What can be mounted or fetched
 * from elsewhere is checked when it is.
 * @throws {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING}
 */
export async function verifyContent(content: Content, context: Context): Promise<void> {
  const local = [...content.blobs, ...content.manifests].filter(
    ({ origins = [] }) => origins.length === 0,
  )
  await inStep(context.progress, 'checking the content', () =>
    mapLimit(local, context.jobs, ({ descriptor }) =>
      drain(readAsStored(content, descriptor), context.signal),
    ),
  )
}

async function drain(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  for await (const _chunk of stream) assertGoing(signal)
}
