import { createReadStream } from 'node:fs'
import { posix, resolve } from 'node:path'
import {
  assertNotCancelled,
  createDigester,
  digestFile,
  digestOf,
  digestMismatch,
  readFileWhole,
  type Artifact,
  type Context,
  type Digest,
  type Finding,
} from '@waybill/core'
import { parseChecksums } from '@waybill/archive'
import { recallBytes } from '../known-bytes.ts'
import { LARGEST_CHECKSUMS } from './read-checksums.ts'
import { candidatesOf, identifyFile } from '../judge.ts'
import { readCompressed } from './read-compressed.ts'
import { readPacked } from './read-packed.ts'
import type { Released, ReleasedBytes } from './released.ts'

/** Where released files lie, and what ends their reading. */
export type ReadPlace = Pick<Context, 'out' | 'signal'>

/** Reads the executables of one released file, in constant memory. @throws {ERR_DIGEST_MISMATCH} when the file is not the artifact it is said to be. */
export async function readCandidates(artifact: Artifact, place: ReadPlace): Promise<Released> {
  if (artifact.kind === 'checksums') return { candidates: [], findings: [] }
  if (artifact.kind === 'binary') return readWith(artifact, place, readLoose)
  const packed = await readWith(artifact, place, readPacked)
  return packed ?? readWith(artifact, place, readCompressed)
}

async function readWith<Result>(
  artifact: Artifact,
  { out, signal }: ReadPlace,
  read: (artifact: Artifact, bytes: ReleasedBytes) => Promise<Result>,
): Promise<Result> {
  const bytes = recallBytes(artifact)
  if (bytes !== undefined) return read(artifact, bytes)
  const file = resolve(out, artifact.path)
  const digester = createDigester()
  const found = await read(artifact, watched(file, digester.update, signal))
  if (digester.size !== artifact.size || digester.digest() !== artifact.digest) {
    throw digestMismatch(file, artifact.digest, (await digestFile(file, signal)).digest)
  }
  return found
}

async function* watched(
  file: string,
  see: (chunk: Uint8Array) => void,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
    assertNotCancelled(signal, `Reading ${file} was cancelled`)
    see(chunk as Uint8Array)
    yield chunk as Uint8Array
  }
}

async function readLoose(artifact: Artifact, bytes: ReleasedBytes): Promise<Released> {
  const judged = await identifyFile(bytes instanceof Uint8Array ? [bytes] : bytes)
  const { name, path: label } = artifact
  return {
    candidates: candidatesOf(judged, { name, label, executable: true, artifact }),
    findings: [],
  }
}

/** Compares the released files with their lines in the SHA256SUMS files among them. A bare executable needs a line only where one is asked for. */
export async function checkSums(
  artifacts: readonly Artifact[],
  out: string,
): Promise<{ readonly findings: readonly Finding[]; readonly listed: ReadonlySet<Artifact> }> {
  const sums = artifacts.filter(({ kind }) => kind === 'checksums')
  const lines = await Promise.all(
    sums.map(async (artifact) => parseChecksums(await readSums(artifact, out), artifact.path)),
  )
  const listed = new Set<Artifact>()
  const findings: Finding[] = []
  for (const artifact of artifacts.filter(({ kind }) => kind !== 'checksums')) {
    const own = lines
      .flat()
      .filter(({ name }) => [artifact.path, artifact.name].includes(posix.normalize(name)))
    if (own.length > 0) listed.add(artifact)
    // Of two lines that contradict each other one is wrong.
    const wrong = own.find(({ digest }) => digest !== artifact.digest)
    if (wrong !== undefined) findings.push(mismatch(artifact, wrong.digest))
    if (own.length === 0 && artifact.kind === 'archive' && sums.length > 0)
      findings.push(unlisted(artifact))
  }
  return { findings, listed }
}

async function readSums({ path, digest }: Artifact, out: string): Promise<string> {
  const file = resolve(out, path)
  const bytes = await readFileWhole(file, { limit: LARGEST_CHECKSUMS })
  const found = digestOf(bytes)
  if (found !== digest) throw digestMismatch(file, digest, found)
  return bytes.toString()
}

function mismatch({ path, digest }: Artifact, expected: Digest): Finding {
  return {
    code: 'checksum-mismatch',
    level: 'error',
    message: `${path}: SHA256SUMS expects ${expected}, found ${digest}`,
    suggestion: 'The file was changed after it was released, or SHA256SUMS is of another build.',
    where: { path },
  }
}

/** The finding for a released file that SHA256SUMS does not list. */
export function unlisted({ path }: Artifact): Finding {
  return {
    code: 'checksum-missing',
    level: 'error',
    message: `${path} has no line in SHA256SUMS`,
    suggestion: 'Write SHA256SUMS again so that it lists every released file.',
    where: { path },
  }
}
