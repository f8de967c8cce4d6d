import {
  createContext,
  mapLimit,
  type Artifact,
  type ContextOptions,
  type Finding,
} from '@waybill/core'
import { checkSums, readCandidates } from './candidates.ts'
import type { Candidate } from './judge.ts'

/** Released files whose executables were read: what images are compared with. */
export interface ReadArtifacts {
  readonly artifacts: readonly Artifact[]
  readonly candidates: readonly Candidate[]
  readonly findings: readonly Finding[]
  /** Those that have a line in a SHA256SUMS among them. */
  readonly listed: ReadonlySet<Artifact>
}

/**
 * Reads the executables of released files, those within archives too, and compares the files with SHA256SUMS; paths are relative to `out`.
 * `checkIdentity` does it by itself; who has the files before the image can start with it.
 * @throws {ERR_DIGEST_MISMATCH} when a file is not the artifact it is said to be. {ERR_INVALID_CHECKSUMS}
 */
export async function readArtifacts(
  artifacts: readonly Artifact[],
  options: ContextOptions = {},
): Promise<ReadArtifacts> {
  const { out, jobs } = createContext(options)
  const { findings, listed } = await checkSums(artifacts, out)
  const read = await mapLimit(artifacts, jobs, (artifact) => readCandidates(artifact, out))
  return {
    artifacts,
    candidates: read.flatMap((one) => one.candidates),
    findings: [...findings, ...read.flatMap((one) => one.findings)],
    listed,
  }
}
