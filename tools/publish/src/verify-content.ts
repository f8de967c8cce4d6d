import {
  inStep,
  mapLimit,
  WaybillError,
  type Content,
  type Context,
  type ProvenImage,
  type PublishPlan,
} from '@waybill/core'

/** Checks that the content is the plan's. @throws {ERR_PLAN_MISMATCH} naming both digests. */
export function assertSubject(plan: PublishPlan, proven: ProvenImage): void {
  const found = proven.content.subject.digest
  if (found === plan.subject.digest) return
  throw new WaybillError(
    'ERR_PLAN_MISMATCH',
    `The plan publishes ${plan.subject.digest}, but the content given is ${found}`,
    {
      hint: 'Give the image the plan was made for, or make a new plan for this one.',
      details: { expected: plan.subject.digest, found },
    },
  )
}

/**
 * Reads every byte of the content that is at hand, so that damage is found before the first write. What can be mounted or fetched
 * from elsewhere is checked when it is.
 * @throws {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING}
 */
export async function verifyContent(content: Content, context: Context): Promise<void> {
  const local = [...content.blobs, ...content.manifests].filter(
    ({ origins = [] }) => origins.length === 0,
  )
  await inStep(context.progress, 'checking the content', () =>
    mapLimit(local, context.jobs, ({ descriptor }) =>
      drain(content.read(descriptor), context.signal),
    ),
  )
}

async function drain(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  for await (const _chunk of stream) signal.throwIfAborted()
}
