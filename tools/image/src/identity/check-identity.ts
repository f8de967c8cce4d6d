import { posix } from 'node:path'
import {
  createContext,
  createReport,
  formatPlatform,
  inStep,
  mapLimit,
  deferRejection,
  type Artifact,
  type Content,
  type ContextOptions,
  type Digest,
  type Finding,
  type IdentityCheck,
  type Report,
  type ThroughCheck,
} from '@waybill/core'
import { findFile, type Found, readImages, type BaseImage, type Image } from '@waybill/oci'
import { checkRuns, type RunsOptions } from '../runs/check-runs.ts'
import type { RunsWhere } from '../runs/findings.ts'
import type { ImageContents } from '../runs/image-contents.ts'
import { openImage, type OpenedImage } from '../runs/open-image.ts'
import { strictly } from '../runs/strictly.ts'
import { checkAccepted } from '../runs/through.ts'
import { unlisted } from './candidates.ts'
import { identifyFile, type Candidate, type IdentifiedFile } from '../judge.ts'
import { chooseCandidate } from './choose-candidate.ts'
import { checkBase } from './check-base.ts'
import { checkStored } from './check-stored.ts'
import { explainDifference } from './explain-difference.ts'
import { hidden, notReleased, platformFindings, wrongKind } from './findings.ts'
import { provedPath } from './proved-path.ts'
import { readReleased, type ReadArtifacts } from './read-artifacts.ts'

export interface IdentityOptions extends ContextOptions, RunsOptions {
  /** Where the binary is in the image. @default where `assemble` put it, else what its entrypoint starts */
  readonly path?: string | undefined
  /** The base that the image must stand upon, layer by layer. @default whatever it stands upon */
  readonly base?: BaseImage | undefined
}

/** An image to be checked, and where its binary is, as far as that is known. */
export interface ImageToCheck {
  readonly content: Content
  readonly path?: string
}

/** What was compared, and which programs were accepted beside it. */
export interface IdentityReport extends Report<IdentityCheck> {
  /** Where programs were accepted. */
  readonly through?: readonly ThroughCheck[]
}

interface Outcome {
  readonly checked: readonly IdentityCheck[]
  readonly findings: readonly Finding[]
}

/**
 * Compares, for every platform of an image, the file at the path with the released executable, byte for byte (by sha256), and says what else the
 * image may run. Of the image only the layers needed are read from a registry (all of them with `strict`), nothing goes to disk; what lies here
 * is checked whole. A file that this process has just put into a layer was hashed on its way there, and is not unpacked again. Artifacts' paths
 * are relative to `out`.
 * @throws {ERR_AMBIGUOUS_ARTIFACT} {ERR_DIGEST_MISMATCH} when a file is not what its name says, {ERR_INVALID_LAYER} {ERR_CONTENT_MISSING} {ERR_NO_PATH}
 */
export async function checkIdentity(
  image: ImageToCheck | Content,
  artifacts: readonly Artifact[] | ReadArtifacts | Promise<ReadArtifacts>,
  options: IdentityOptions = {},
): Promise<IdentityReport> {
  const { jobs, progress, signal } = createContext(options)
  const { content, path = undefined } = 'content' in image ? image : { content: image }
  const wanted = options.path ?? path
  checkAccepted(options.through ?? [])
  return inStep(progress, 'compare the image with the released files', async () => {
    // Released files and images are read side by side.
    const reading = deferRejection(readReleased(artifacts, options))
    const images = await readImages(content)
    const opened = images.map((one) => openImage(one, content, options))
    const foreign = opened.filter(({ assembled }) => assembled === undefined)
    const unread = foreign.map(({ contents }) => contents.seen.image)
    const damaged = await checkStored(content, unread, { jobs, signal })
    if (damaged.length > 0) return createReport([], damaged)
    const looked = await mapLimit(opened, jobs, (one) => lookInto(one, wanted, options))
    const released = await reading
    const { candidates, listed } = released
    const outcomes = await mapLimit(looked, jobs, (one) =>
      checkImage(one, candidates, { listed, hasSums: hasSums(released.artifacts) }),
    )
    const runs = await mapLimit(looked, jobs, (one) =>
      checkRuns(one.contents, whereOf(one), options),
    )
    const report = createReport(
      outcomes.flatMap(({ checked }) => checked),
      [
        ...strictly(released.findings, options.strict),
        ...outcomes.flatMap(({ findings }) => findings),
        ...platformFindings(images, candidates),
        ...(await checkBase(images, options.base)),
        ...runs.flatMap(({ findings }) => findings),
      ],
    )
    const through = runs.flatMap((one) => one.through)
    return through.length === 0 ? report : { ...report, through }
  })
}

const hasSums = (artifacts: readonly Artifact[]): boolean =>
  artifacts.some(({ kind }) => kind === 'checksums')

type FoundBinary = Found<IdentifiedFile>

/** An image, and what is at the path of its binary, as far as that had to be looked for. */
interface LookedInto {
  readonly image: Image
  readonly contents: ImageContents
  readonly path: string
  /** What this process wrote there itself. */
  readonly written: Digest | undefined
  find(): Promise<FoundBinary>
}

const whereOf = ({ image, path }: LookedInto): RunsWhere => ({
  platform: formatPlatform(image.platform),
  path,
})

async function lookInto(
  { contents, assembled }: OpenedImage,
  given: string | undefined,
  { through }: IdentityOptions,
): Promise<LookedInto> {
  const { image } = contents.seen
  const path = given ?? (await provedPath(contents, through))
  const own = assembled?.written
  const written = own?.path === path ? own.digest : undefined
  const find = (): Promise<FoundBinary> =>
    findFile(image, path, (entry) => identifyFile(entry.content))
  if (written !== undefined) return { image, contents, path, written, find }
  const found = await find()
  return { image, contents, path, written, find: async () => found }
}

interface CheckOptions {
  readonly listed: ReadonlySet<Artifact>
  /** There is a SHA256SUMS, so whatever counts as released has a line there, itself or its archive. */
  readonly hasSums: boolean
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
  { candidate, hasSums, listed }: CheckOptions & { readonly candidate: Candidate },
): Outcome {
  const { digest, label, artifact } = candidate
  const isUnlisted = hasSums && artifact.kind === 'binary' && !listed.has(artifact)
  return {
    checked: [{ platform, path, image, released: digest, artifact: label }],
    findings: isUnlisted ? [unlisted(artifact)] : [],
  }
}

const problem = (finding: Finding): Outcome => ({ checked: [], findings: [finding] })
