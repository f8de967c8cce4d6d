import {
  WaybillError,
  createContext,
  deferRejection,
  type Artifact,
  type Content,
  type ProvenImage,
} from '@waybill/core'
import { sealContent, sealProof } from '@waybill/core/internal'
import { shareAssembled } from '../runs/written-files.ts'
import { runsOther } from '../runs/assert-runs.ts'
import { RUNS_CODES } from '../runs/findings.ts'
import { checkIdentity, type IdentityOptions, type ImageToCheck } from './check-identity.ts'
import { readReleased, type ReadArtifacts } from './read-artifacts.ts'

/**
 * Proves that an image holds, for every platform, the released bytes; only then it may be published. What is checked is told at `checkIdentity`.
 * @throws {ERR_NOT_IDENTICAL} {ERR_RUNS_OTHER} where the bytes are right, both with every finding in `details`, and what `checkIdentity` throws.
 */
export async function proveIdentity(
  image: ImageToCheck | Content,
  artifacts: readonly Artifact[] | ReadArtifacts | Promise<ReadArtifacts>,
  options: IdentityOptions = {},
): Promise<ProvenImage> {
  // What is compared is what is sealed: a copy that is made before anything is looked at.
  const { content, path } = sealed(image)
  const reading = deferRejection(readReleased(artifacts, options))
  const report = await checkIdentity({ content, ...path }, reading, options)
  const errors = report.findings.filter(({ level }) => level === 'error')
  const first = errors[0]
  const { artifacts: released } = await reading
  const { logger } = createContext(options)
  for (const { level, message, code } of report.findings)
    if (level === 'warning') logger.warn(`${message} [${code}]`)
  const { checked, through } = report
  const accepted = through === undefined ? {} : { through }
  if (first === undefined)
    return sealProof(content, { kind: 'identity', checked, ...accepted }, released)
  const details = { findings: report.findings, checked }
  if (errors.every(({ code }) => RUNS_CODES.has(code)))
    throw runsOther(first, errors.length - 1, details)
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  throw new WaybillError(
    'ERR_NOT_IDENTICAL',
    `The image does not hold the released bytes: ${first.message}${more}`,
    { ...(first.suggestion === undefined ? {} : { hint: first.suggestion }), details },
  )
}

export interface WaiveOptions {
  /** Why the image may be published without a proof; the receipt tells it. */
  readonly reason: string
}

/** Lets an image be published without a proof, for a reason. @throws {ERR_NO_REASON} */
export function waiveIdentity(image: ImageToCheck | Content, options: WaiveOptions): ProvenImage {
  const reason = typeof options?.reason === 'string' ? options.reason.trim() : ''
  if (reason !== '') return sealProof(sealed(image).content, { kind: 'waived', reason }, [])
  throw new WaybillError('ERR_NO_REASON', 'Waiving the proof of identity needs a reason', {
    hint: 'Say why: waiveIdentity(image, { reason: "built without the designer" }).',
    outcome: 'usage',
  })
}

function sealed(image: ImageToCheck | Content): {
  readonly content: Content
  readonly path: Pick<ImageToCheck, 'path'>
} {
  const { content, path } = 'content' in image ? image : { content: image, path: undefined }
  const copy = sealContent(content)
  shareAssembled(content, copy)
  return { content: copy, path: path === undefined ? {} : { path } }
}
