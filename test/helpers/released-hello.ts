import { archive } from '@waybill/archive'
import type { Artifact, Report } from '@waybill/core'
import { binaryArtifact, file, program, release, rootfs, type TestImage } from './images.ts'
import { temporaryFolder } from './temporary.ts'

/** A program released for two platforms: its binaries, and their archives in a folder of their own. */
export interface ReleasedHello {
  readonly out: string
  readonly amd64: Buffer
  readonly arm64: Buffer
  readonly binaries: readonly Artifact[]
  readonly released: readonly Artifact[]
  /** An image of the arm64 half that is as it should be. */
  readonly good: TestImage
}

export async function releaseHello(): Promise<ReleasedHello> {
  const out = temporaryFolder('released')
  const [amd64, arm64] = [program('amd64'), program('arm64')]
  const binaries = [
    await binaryArtifact(out, 'linux/amd64', amd64),
    await binaryArtifact(out, 'linux/arm64', arm64),
  ]
  const released = await archive(release, binaries, { formats: ['tar.gz'], out })
  const good: TestImage = { platform: 'linux/arm64', layers: [rootfs, [file(arm64)]] }
  return { out, amd64, arm64, binaries, released, good }
}

/** The codes of a report's errors. */
export const errors = ({ findings }: Report): string[] =>
  findings.filter(({ level }) => level === 'error').map(({ code }) => code)
