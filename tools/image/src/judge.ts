import {
  createDigester,
  parsePlatform,
  type ByteStream,
  type Digest,
  type Platform,
} from '@waybill/core'
import type { Artifact } from '@waybill/core'
import { PEEK, peekPlatforms } from './peek-platform.ts'

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

/** What a file is, seen while it passed by. */
export interface IdentifiedFile {
  readonly platforms: readonly Platform[]
  readonly digest: Digest
  readonly size: number
  /** Its first bytes. */
  readonly start: Uint8Array
}

/** Hashes a file that passes by and finds out from its first bytes which platforms it is for. */
export async function identifyFile(stream: ByteStream): Promise<IdentifiedFile> {
  const digester = createDigester()
  let start: Uint8Array = new Uint8Array(0)
  for await (const chunk of stream) {
    if (start.byteLength < PEEK) start = Buffer.concat([start, chunk.subarray(0, PEEK)])
    digester.update(chunk)
  }
  return { platforms: peekPlatforms(start), digest: digester.digest(), size: digester.size, start }
}

/** The candidates that a file is: one for each platform that it is for. */
export function candidatesOf(
  { platforms, digest, size }: Omit<IdentifiedFile, 'start'>,
  common: Pick<Candidate, 'name' | 'label' | 'executable' | 'artifact'>,
): readonly Candidate[] {
  return platforms.map((one) => ({
    ...common,
    digest,
    size,
    platform: withVariant(one, common.artifact),
  }))
}

// A header does not say arm/v6 or arm/v7; the build that named the artifact knew. Whatever contradicts the header is not believed.
function withVariant(found: Platform, { platform }: Artifact): Platform {
  if (platform === undefined) return found
  const said = parsePlatform(platform)
  return said.os === found.os && said.architecture === found.architecture ? said : found
}
