import { formatPlatform, type Finding } from '@waybill/core'
import { inspect, type BinaryFacts, type ByteReader } from '@waybill/binary'
import { findFile, type Found, type Image } from '@waybill/oci'
import { identifyFile, type Candidate, type IdentifiedFile } from '../judge.ts'
import { layerName } from './findings.ts'

export interface Difference {
  readonly image: Image
  readonly path: string
  readonly found: Extract<Found<IdentifiedFile>, { kind: 'file' }>
  readonly candidate: Candidate
  readonly candidates: readonly Candidate[]
}

/** Says in what way a file in an image is not the released one. */
export async function explainDifference(difference: Difference): Promise<Finding> {
  const { image, path, found, candidate } = difference
  const { code, reason, suggestion } =
    swapped(difference) ?? (await covered(difference)) ?? (await stripped(difference)) ?? PLAIN
  return {
    code,
    level: 'error',
    message:
      `${formatPlatform(image.platform)}: ${path} is ${found.value.digest} (${found.value.size} bytes), ` +
      `expected ${candidate.digest} (${candidate.size} bytes) of ${candidate.label}; ${reason}`,
    suggestion,
    where: { platform: formatPlatform(image.platform), path },
  }
}

interface Reason {
  readonly code: string
  readonly reason: string
  readonly suggestion: string
}

const PLAIN: Reason = {
  code: 'not-identical',
  reason: 'the bytes differ',
  suggestion: 'Assemble the image from the released binary instead of a build of its own.',
}

function swapped({ image, found, candidates }: Difference): Reason | undefined {
  const { platforms, digest } = found.value
  const other = candidates.find((candidate) => candidate.digest === digest)
  const { os, architecture } = image.platform
  const fits = platforms.some((one) => one.os === os && one.architecture === architecture)
  if (fits && other === undefined) return undefined
  if (platforms.length === 0)
    return {
      code: 'not-a-binary',
      reason: 'the file in the image is no executable that is known',
      suggestion: 'A script or a damaged file stands in its place; put the released binary there.',
    }
  const is = platforms.map(formatPlatform).join(', ')
  return {
    code: fits ? 'other-artifact' : 'wrong-architecture',
    reason:
      other === undefined
        ? `the file in the image is for ${is}`
        : `it is ${other.label}, for ${is}`,
    suggestion: 'The binaries of two platforms were swapped; assemble the image again.',
  }
}

/** Whether the released file is in the image, below another that a later layer brought. */
async function covered({ image, path, found, candidate }: Difference): Promise<Reason | undefined> {
  const below = { layers: image.layers.slice(0, found.layer) }
  const older = await findFile(below, path, (entry) => identifyFile(entry.content)).catch(
    () => undefined,
  )
  if (older?.kind !== 'file' || older.value.digest !== candidate.digest) return undefined
  return {
    code: 'file-hidden',
    reason: `the released file is in ${layerName(image, older.layer)}, and ${layerName(image, found.layer)} wrote another over it`,
    suggestion: 'A later layer changed the released file; build the image without that step.',
  }
}

// Reading a whole file is worth it only to explain; larger ones stay unexplained.
const READABLE = 128 * 1024 * 1024

async function stripped({
  image,
  path,
  found,
  candidate,
}: Difference): Promise<Reason | undefined> {
  const { size } = found.value
  if (size >= candidate.size || size > READABLE) return undefined
  const facts = await findFile(image, path, async (entry) => factsOf(entry.content)).catch(
    () => undefined,
  )
  if (facts?.kind !== 'file' || facts.value?.stripped !== true) return undefined
  return {
    code: 'stripped',
    reason: `it is ${candidate.size - size} bytes smaller and has no symbol table: it was stripped after the release`,
    suggestion: 'Strip before releasing, or not at all.',
  }
}

async function factsOf(content: AsyncIterable<Uint8Array>): Promise<BinaryFacts | undefined> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(Uint8Array.from(chunk))
  const bytes = Buffer.concat(chunks)
  const reader: ByteReader = {
    size: bytes.byteLength,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  }
  return inspect(reader).catch(() => undefined)
}
