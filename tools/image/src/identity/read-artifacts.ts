import {
  createContext,
  mapLimit,
  plainCopy,
  type Artifact,
  type ContextOptions,
  type Finding,
} from '@waybill/core'
import { ownArtifact } from '../known-bytes.ts'
import { checkSums, readCandidates } from './candidates.ts'
import type { Candidate } from '../judge.ts'

/** Released files whose executables were read: what images are compared with. */
export interface ReadArtifacts {
  readonly artifacts: readonly Artifact[]
  readonly candidates: readonly Candidate[]
  readonly findings: readonly Finding[]
  /** Those that have a line in a SHA256SUMS among them. */
  readonly listed: ReadonlySet<Artifact>
}

// What was read here, by what was given out: whoever changes that, or makes something like it, changes nothing in here.
const made = new WeakMap<object, ReadArtifacts>()

/**
 * Reads the executables of released files, those within archives too, and compares the files with SHA256SUMS; paths are relative to `out`.
 * `checkIdentity` does it by itself; who has the files before the image can start with it.
 * @throws {ERR_DIGEST_MISMATCH} when a file is not the artifact it is said to be. {ERR_INVALID_CHECKSUMS}
 */
export async function readArtifacts(
  given: readonly Artifact[],
  options: ContextOptions = {},
): Promise<ReadArtifacts> {
  const { out, jobs, signal } = createContext(options)
  const artifacts = given.map(ownArtifact)
  const { findings, listed } = await checkSums(artifacts, out)
  const read = await mapLimit(artifacts, jobs, (artifact) =>
    readCandidates(artifact, { out, signal }),
  )
  const own: ReadArtifacts = {
    artifacts,
    candidates: read.flatMap((one) => one.candidates).map(frozen),
    findings: plainCopy([...findings, ...read.flatMap((one) => one.findings)]),
    listed,
  }
  const shown = {
    artifacts: [...artifacts],
    candidates: [...own.candidates],
    findings: [...own.findings],
    listed: new Set(listed),
  }
  made.set(own, own).set(shown, own)
  return shown
}

const frozen = (candidate: Candidate): Candidate =>
  Object.freeze({ ...candidate, platform: plainCopy(candidate.platform) })

/** What was read of released files: as it was read, where `readArtifacts` made it; anything else is read now. */
export async function readReleased(
  given: readonly Artifact[] | ReadArtifacts | Promise<ReadArtifacts>,
  options: ContextOptions,
): Promise<ReadArtifacts> {
  const known = await given
  const artifacts = 'artifacts' in known ? known.artifacts : known
  return made.get(known) ?? made.get(await readArtifacts(artifacts, options))!
}
