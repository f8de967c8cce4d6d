import { posix } from 'node:path'
import {
  WaybillError,
  createContext,
  createReport,
  formatPlatform,
  inStep,
  mapLimit,
  toldLater,
  type Artifact,
  type Content,
  type ContextOptions,
  type Digest,
  type Finding,
  type IdentityCheck,
  type Report,
} from '@waybill/core'
import { recallWritten } from '../assemble/written-files.ts'
import { findFile, type Found } from '../find-file.ts'
import { readImages, type Image } from '../image.ts'
import type { BaseImage } from '../source.ts'
import { judge, unlisted, type Candidate, type Judged } from './candidates.ts'
import { chooseCandidate } from './choose-candidate.ts'
import { checkBase } from './check-base.ts'
import { checkStored } from './check-stored.ts'
import { explainDifference } from './explain-difference.ts'
import { hidden, notReleased, platformFindings, wrongKind } from './findings.ts'
import { readArtifacts, type ReadArtifacts } from './read-artifacts.ts'

export interface IdentityOptions extends ContextOptions {
  /** Where the binary is in the image. @default where `assemble` put it, else the first word of the entrypoint */
  readonly path?: string | undefined
  /** The base that the image must stand upon, layer by layer. @default whatever it stands upon */
  readonly base?: BaseImage | undefined
}

/** An image to be checked, and where its binary is, as far as that is known. */
export interface ImageToCheck {
  readonly content: Content
  readonly path?: string
}

interface Outcome {
  readonly checked: readonly IdentityCheck[]
  readonly findings: readonly Finding[]
}

/**
 * Compares, for every platform of an image, the file at the path with the released executable, byte for byte (by sha256). Of the image only the
 * layers needed are read from a registry, nothing goes to disk; what lies here is checked whole. A file that this process has just put into a
 * layer was hashed on its way there, and is not unpacked again. Artifacts' paths are relative to `out`.
 * @throws {ERR_AMBIGUOUS_ARTIFACT} {ERR_DIGEST_MISMATCH} when a file is not what its name says, {ERR_INVALID_LAYER} {ERR_CONTENT_MISSING} {ERR_NO_PATH}
 */
export async function checkIdentity(
  image: ImageToCheck | Content,
  artifacts: readonly Artifact[] | ReadArtifacts | Promise<ReadArtifacts>,
  options: IdentityOptions = {},
): Promise<Report<IdentityCheck>> {
  const { jobs, progress } = createContext(options)
  const { content, path = undefined } = 'content' in image ? image : { content: image }
  return inStep(progress, 'compare the image with the released files', async () => {
    // Released files and images are read side by side.
    const reading = toldLater(readAll(artifacts, options))
    const images = await readImages(content)
    const damaged = await checkStored(content, jobs)
    if (damaged.length > 0) return createReport([], damaged)
    const wanted = options.path ?? path
    const looked = await mapLimit(images, jobs, (one) => lookInto(one, { content, path: wanted }))
    const released = await reading
    const { candidates, listed } = released
    const outcomes = await mapLimit(looked, jobs, (one) =>
      checkImage(one, candidates, { listed, strict: hasSums(released.artifacts) }),
    )
    return createReport(
      outcomes.flatMap(({ checked }) => checked),
      [
        ...released.findings,
        ...outcomes.flatMap(({ findings }) => findings),
        ...platformFindings(images, candidates),
        ...(await checkBase(images, options.base)),
      ],
    )
  })
}

async function readAll(
  artifacts: readonly Artifact[] | ReadArtifacts | Promise<ReadArtifacts>,
  options: IdentityOptions,
): Promise<ReadArtifacts> {
  const given = await artifacts
  return 'artifacts' in given ? given : readArtifacts(given, options)
}

const hasSums = (artifacts: readonly Artifact[]): boolean =>
  artifacts.some(({ kind }) => kind === 'checksums')

type FoundBinary = Found<Judged>

/** An image, and what stands at the path of its binary, as far as that had to be looked for. */
interface LookedInto {
  readonly image: Image
  readonly path: string
  /** What this process wrote there itself. */
  readonly written: Digest | undefined
  find(): Promise<FoundBinary>
}

async function lookInto(
  image: Image,
  {
    content,
    path = entrypointOf(image),
  }: { readonly content: Content; readonly path: string | undefined },
): Promise<LookedInto> {
  const own = recallWritten(content, image.descriptor.digest)
  const written = own?.path === path ? own.digest : undefined
  const find = (): Promise<FoundBinary> => findFile(image, path, (entry) => judge(entry.content))
  if (written !== undefined) return { image, path, written, find }
  const found = await find()
  return { image, path, written, find: async () => found }
}

interface CheckOptions {
  readonly listed: ReadonlySet<Artifact>
  /** There is a SHA256SUMS, so whatever counts as released has a line there, itself or its archive. */
  readonly strict: boolean
}

async function checkImage(
  { image, path, written, find }: LookedInto,
  candidates: readonly Candidate[],
  options: CheckOptions,
): Promise<Outcome> {
  const platform = formatPlatform(image.platform)
  const candidate = chooseCandidate(candidates, image.platform, posix.basename(path))
  if (candidate !== undefined && written === candidate.digest)
    return compared({ platform, path }, written, { ...options, candidate })
  const found = await find()
  if (found.kind === 'missing') return problem(hidden({ platform, path }, found, image))
  if (found.kind === 'other') return problem(wrongKind({ platform, path }, found, image))
  if (candidate === undefined) return problem(notReleased({ platform, path }, candidates))
  const { digest } = found.value
  const outcome = compared({ platform, path }, digest, { ...options, candidate })
  if (digest === candidate.digest) return outcome
  const why = await explainDifference({ image, path, found, candidate, candidates })
  return { ...outcome, findings: [...outcome.findings, why] }
}

/** The two digests, and whether the released one may count. */
function compared(
  { platform, path }: Pick<IdentityCheck, 'platform' | 'path'>,
  image: Digest,
  { candidate, strict, listed }: CheckOptions & { readonly candidate: Candidate },
): Outcome {
  const { digest, label, artifact } = candidate
  const isUnlisted = strict && artifact.kind === 'binary' && !listed.has(artifact)
  return {
    checked: [{ platform, path, image, released: digest, artifact: label }],
    findings: isUnlisted ? [unlisted(artifact)] : [],
  }
}

const problem = (finding: Finding): Outcome => ({ checked: [], findings: [finding] })

function entrypointOf({ config, platform, descriptor }: Image): string {
  const first = config.config.Entrypoint?.[0] ?? config.config.Cmd?.[0]
  if (first !== undefined && first.startsWith('/')) return first
  throw new WaybillError(
    'ERR_NO_PATH',
    `${formatPlatform(platform)} ${descriptor.digest}: the entrypoint ${first === undefined ? 'is empty' : `"${first}" is no absolute path`}, so where the binary is must be said`,
    { hint: 'Pass its path (--path).', outcome: 'usage' },
  )
}
