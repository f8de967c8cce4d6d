// A release of one program for linux/amd64, and what the proof says of images that hold it, or another in its place.
import { isWaybillError, type Artifact, type Content, type Platform } from '@waybill/core'
import { mediaTypes, type Target } from '@waybill/oci'
import { checkIdentity } from '@waybill/image'
import { binaryArtifact, file, program } from './images.ts'
import { oddContent, pushEntries, type OddImage } from './odd-images.ts'
import { errors } from './released-hello.ts'
import { temporaryFolder } from './temporary.ts'

/** Where the program is. */
export const PATH = '/usr/bin/hello'
export const out: string = temporaryFolder('entries')
export const [GOOD, EVIL]: readonly [Buffer, Buffer] = [program('amd64'), program('amd64', 'evil')]
export const released: readonly Artifact[] = [await binaryArtifact(out, 'linux/amd64', GOOD)]
export const [good, evil]: readonly [OddImage, OddImage] = [GOOD, EVIL].map((bytes): OddImage => ({
  layers: [[file(bytes)]],
})) as [OddImage, OddImage]
export const AMD64: Readonly<Record<'platform', Platform>> = {
  platform: { os: 'linux', architecture: 'amd64' },
}

/** `ok`, the codes of the findings, or that of the error. */
export async function judge(content: Content | Promise<Content>): Promise<string> {
  try {
    const report = await checkIdentity(await content, released, { out, path: PATH })
    return report.ok ? 'ok' : errors(report).join(' ')
  } catch (error) {
    if (!isWaybillError(error)) throw error
    return error.code
  }
}

/** An index of the entries that `make` puts into a target. */
export const inMemory = (
  make: (target: Target) => Promise<object[]>,
  type?: string,
): Promise<Content> => oddContent(async (target) => pushEntries(target, await make(target), type))

/** Of images, of other things, of nothing: engines look at none of them. */
export const CONFIG_TYPES: readonly string[] = [
  mediaTypes.config,
  mediaTypes.dockerConfig,
  mediaTypes.empty,
  'application/octet-stream',
  'application/json',
  'application/vnd.acme.config.v1+json',
  'application/vnd.in-toto+json',
  'application/vnd.cncf.helm.config.v1+json',
  'application/VND.OCI.image.config.v1+json',
  'text/plain',
  '',
]
