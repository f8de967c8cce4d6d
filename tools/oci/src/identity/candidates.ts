import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { posix, resolve } from 'node:path'
import {
  createDigester,
  digestFile,
  digestMismatch,
  isWaybillError,
  messageOf,
  parsePlatform,
  type Artifact,
  type ByteStream,
  type Digest,
  type Finding,
  type Platform,
} from '@waybill/core'
import { parseChecksums, readArchive } from '@waybill/archive'
import { recallBytes } from '../known-bytes.ts'
import { PEEK, peekPlatforms } from '../peek-platform.ts'

/** A released executable: a file of its own, or one within an archive. */
export interface Candidate {
  readonly platform: Platform
  /** Its base name. */
  readonly name: string
  readonly digest: Digest
  readonly size: number
  /** Whether it may be executed as it is; archives say so, and lose it where they came from elsewhere. */
  readonly executable: boolean
  /** For people and for the proof: `hello.tar.gz!hello`. */
  readonly label: string
  readonly artifact: Artifact
}

export interface Released {
  readonly candidates: readonly Candidate[]
  readonly findings: readonly Finding[]
}

/** Reads the executables of one released file, in constant memory. @throws {ERR_DIGEST_MISMATCH} when the file is not the artifact it is said to be. */
export async function readCandidates(artifact: Artifact, out: string): Promise<Released> {
  if (artifact.kind === 'checksums') return { candidates: [], findings: [] }
  const bytes = recallBytes(artifact)
  if (bytes !== undefined) return readReleased(artifact, bytes)
  const file = resolve(out, artifact.path)
  const digester = createDigester()
  const stream = watched(file, digester.update)
  const found = await readReleased(artifact, stream)
  if (digester.size !== artifact.size || digester.digest() !== artifact.digest) {
    throw digestMismatch(file, artifact.digest, (await digestFile(file)).digest)
  }
  return found
}

async function readReleased(
  artifact: Artifact,
  content: Uint8Array | AsyncGenerator<Uint8Array, void, undefined>,
): Promise<Released> {
  if (artifact.kind !== 'binary') return readPacked(artifact, content)
  const stream = content instanceof Uint8Array ? [content] : content
  return { candidates: await readLoose(artifact, stream), findings: [] }
}

async function* watched(
  file: string,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
    see(chunk as Uint8Array)
    yield chunk as Uint8Array
  }
}

async function readLoose(artifact: Artifact, stream: ByteStream): Promise<Candidate[]> {
  const { platforms, digest, size } = await judge(stream)
  const common = { name: artifact.name, digest, size, executable: true, artifact }
  return platforms.map((platform) => ({
    ...common,
    platform: withVariant(platform, artifact),
    label: artifact.path,
  }))
}

async function readPacked(
  artifact: Artifact,
  content: Uint8Array | AsyncGenerator<Uint8Array, void, undefined>,
): Promise<Released> {
  const candidates: Candidate[] = []
  const isWhole = content instanceof Uint8Array
  try {
    for await (const entry of readArchive(isWhole ? content : kept(content))) {
      if (entry.type !== 'file') continue
      const { platforms, digest, size } = await judge(entry.content)
      const name = posix.basename(entry.path)
      const executable = (entry.mode & 0o111) !== 0
      const label = `${artifact.path}!${entry.path}`
      const common = { name, digest, size, executable, label, artifact }
      candidates.push(
        ...platforms.map((one) => ({ ...common, platform: withVariant(one, artifact) })),
      )
    }
  } catch (error) {
    if (!isWhole) await drain(content)
    if (!isWaybillError(error) || error.code === 'ERR_DIGEST_MISMATCH') throw error
    return { candidates, findings: [unreadable(artifact, error, candidates.length > 0)] }
  }
  if (!isWhole) await drain(content)
  return { candidates, findings: [] }
}

// A header does not tell arm/v6 from arm/v7; the build that named the artifact knew. Whatever contradicts the header is not believed.
function withVariant(found: Platform, { platform }: Artifact): Platform {
  if (platform === undefined) return found
  const said = parsePlatform(platform)
  return said.os === found.os && said.architecture === found.architecture ? said : found
}

// Whoever reads may let go early; the rest still counts for the digest.
async function* kept(
  bytes: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let next = await bytes.next(); next.done !== true; next = await bytes.next())
    yield next.value
}

async function drain(bytes: AsyncIterator<Uint8Array>): Promise<void> {
  while ((await bytes.next()).done !== true);
}

export interface Judged {
  readonly platforms: readonly Platform[]
  readonly digest: Digest
  readonly size: number
}

/** Hashes a file that passes by and tells from its first bytes which platforms it is for. */
export async function judge(stream: ByteStream): Promise<Judged> {
  const digester = createDigester()
  let start: Uint8Array = new Uint8Array(0)
  for await (const chunk of stream) {
    if (start.byteLength < PEEK) start = Buffer.concat([start, chunk.subarray(0, PEEK)])
    digester.update(chunk)
  }
  return { platforms: peekPlatforms(start), digest: digester.digest(), size: digester.size }
}

// One that nothing was taken from may be something else; one that breaks off below an executable is damaged, and other programs may refuse it.
function unreadable(artifact: Artifact, error: unknown, isUsed: boolean): Finding {
  return {
    code: 'unreadable-archive',
    level: isUsed ? 'error' : 'warning',
    message: `${artifact.path}: ${messageOf(error)}`,
    suggestion: 'Make it again, or take it out of the released files.',
    where: { path: artifact.path },
  }
}

/** Compares the released files with their lines in the SHA256SUMS files among them. A bare executable needs a line only where one is asked for. */
export async function checkSums(
  artifacts: readonly Artifact[],
  out: string,
): Promise<{ readonly findings: readonly Finding[]; readonly listed: ReadonlySet<Artifact> }> {
  const sums = artifacts.filter(({ kind }) => kind === 'checksums')
  const lines = await Promise.all(
    sums.map(async ({ path }) => parseChecksums(await readFile(resolve(out, path), 'utf8'), path)),
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
