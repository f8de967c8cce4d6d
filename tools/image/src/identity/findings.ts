import { formatPlatform, type Finding } from '@waybill/core'
import type { Found, Image } from '@waybill/oci'
import type { Candidate } from '../judge.ts'
import { ofPlatform } from './choose-candidate.ts'
import { contradictions } from './contradictions.ts'

export interface Where {
  readonly platform: string
  readonly path: string
}

/** How people call a layer: its place from the bottom and its digest. */
export function layerName({ layers }: Pick<Image, 'layers'>, index: number): string {
  return `layer ${index + 1} of ${layers.length} (${layers[index]?.descriptor.digest})`
}

/** The finding for a file that is not in the image, or no longer. */
export function hidden(
  where: Where,
  found: Extract<Found<unknown>, { kind: 'missing' }>,
  image: Image,
): Finding {
  const { removedBy, reason } = found
  const late = removedBy !== undefined
  return {
    code: late ? 'file-hidden' : 'file-missing',
    level: 'error',
    message: late
      ? `${where.platform}: ${reason}, by ${layerName(image, removedBy)}`
      : `${where.platform}: ${reason} in the image`,
    suggestion: late
      ? 'A later layer took the released file away; build the image without that step.'
      : 'Say where the binary is (path), or assemble the image with it.',
    where,
  }
}

/** The finding for something else than a file at the path. */
export function wrongKind(
  where: Where,
  found: Extract<Found<unknown>, { kind: 'other' }>,
  image: Image,
): Finding {
  const { type, linkname } = found.header
  const link = type === 'symlink' || type === 'hardlink'
  return {
    code: link ? 'link-at-path' : 'not-a-file',
    level: 'error',
    message: `${where.platform}: ${where.path} is a ${type}${link ? ` to ${linkname}` : ''}, set by ${layerName(image, found.layer)}`,
    suggestion: 'The released binary itself must stand at the path.',
    where,
  }
}

/** The finding for a platform of the image that nothing was released for. */
export function notReleased(where: Where, candidates: readonly Candidate[]): Finding {
  const names = [...new Set(candidates.map(({ platform }) => formatPlatform(platform)))]
  return {
    code: 'platform-not-released',
    level: 'error',
    message: `${where.platform}: the image has this platform, but no released executable is for it; there are ${names.join(', ') || 'none'}`,
    suggestion: 'Release a binary for it, or build the image without it.',
    where,
  }
}

/** What is to say about platforms as a whole: those released and not in the image, and configurations that contradict the index. */
export function platformFindings(
  images: readonly Image[],
  candidates: readonly Candidate[],
): readonly Finding[] {
  const names = [...new Set(candidates.map(({ platform }) => formatPlatform(platform)))]
  const absent = names.filter((name) => !images.some((image) => isOf(image, name, candidates)))
  const none: readonly Finding[] =
    images.length > 0
      ? []
      : [{ code: 'no-images', level: 'error', message: 'The index holds no image' }]
  return [...none, ...absent.map(notInImage), ...images.flatMap(contradictions)]
}

function isOf(image: Image, name: string, candidates: readonly Candidate[]): boolean {
  return ofPlatform(candidates, image.platform).some(
    ({ platform }) => formatPlatform(platform) === name,
  )
}

function notInImage(name: string): Finding {
  const linux = name.startsWith('linux/')
  return {
    code: linux ? 'platform-missing' : 'not-in-image',
    level: linux ? 'error' : 'note',
    message: `${name}: released, ${linux ? 'but the image has no such platform' : 'and not part of a Linux image'}`,
    ...(linux && { suggestion: 'Assemble the image with this platform as well.' }),
    where: { platform: name },
  }
}
