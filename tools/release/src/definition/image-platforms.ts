import type { Definition, ImageEntry } from './types.ts'

/** The Linux platforms an image is made for: those its component builds. */
export function imagePlatforms(definition: Definition, image: ImageEntry): string[] {
  const owner = Object.values(definition.components).find(
    (entry) => entry.images?.includes(image) === true,
  )
  const platforms = (owner?.builds ?? []).flatMap((build) => build.platforms)
  return [...new Set(platforms)].filter((platform) => platform.startsWith('linux/'))
}
