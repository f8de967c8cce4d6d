import { resolve } from 'node:path'
import {
  WaybillError,
  compareText,
  formatPlatform,
  parsePlatform,
  type Artifact,
  type Platform,
} from '@waybill/core'
import { ownArtifact } from '../known-bytes.ts'

/** A released binary and where it goes. */
export interface PlatformBinary {
  readonly platform: Platform
  readonly artifact: Artifact
  /** Absolute. */
  readonly file: string
}

/**
 * The binaries an image can hold, those for Linux, ordered by platform.
 * @throws {ERR_NO_BINARIES} {ERR_AMBIGUOUS_ARTIFACT} when two are for one platform.
 */
export function linuxBinaries(
  binaries: readonly Artifact[],
  out: string,
): readonly PlatformBinary[] {
  const found = binaries
    .map(ownArtifact)
    .filter(({ kind }) => kind === 'binary')
    .map((artifact) => ({
      artifact,
      platform: platformOfArtifact(artifact),
      file: resolve(out, artifact.path),
    }))
    .filter(({ platform }) => platform.os === 'linux')
    .toSorted((a, b) => compareText(formatPlatform(a.platform), formatPlatform(b.platform)))
  if (found.length === 0)
    throw new WaybillError('ERR_NO_BINARIES', 'No binary for Linux to make an image of', {
      hint: 'Build for linux/amd64 or another Linux platform first.',
      details: { given: binaries.map(({ path, platform }) => `${path} ${platform ?? ''}`) },
    })
  for (const [index, one] of found.entries()) {
    const next = found[index + 1]
    if (next !== undefined && formatPlatform(next.platform) === formatPlatform(one.platform))
      throw twice(one, next)
  }
  return found
}

function platformOfArtifact({ path, platform }: Artifact): Platform {
  if (platform !== undefined) return parsePlatform(platform)
  throw new WaybillError('ERR_UNKNOWN_PLATFORM', `${path}: a binary without a platform`, {
    outcome: 'usage',
    details: { path },
  })
}

function twice(a: PlatformBinary, b: PlatformBinary): WaybillError {
  return new WaybillError(
    'ERR_AMBIGUOUS_ARTIFACT',
    `Two binaries for ${formatPlatform(a.platform)}: ${a.artifact.path} and ${b.artifact.path}`,
    { hint: 'An image holds one binary for each platform; pass one of them.', outcome: 'usage' },
  )
}
