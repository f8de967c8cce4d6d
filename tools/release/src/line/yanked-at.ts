import type { Definition } from '../definition/types.ts'
import { imageDestinations } from './destinations.ts'

/** The versions that a definition says do not count in any of these repositories. */
export function yankedAt(
  repositories: readonly string[],
  definition: Definition | undefined,
): readonly string[] {
  if (definition === undefined) return []
  return Object.values(definition.components).flatMap(({ images = [], yanked = [] }) => {
    const places = images.flatMap((image) => Object.values(imageDestinations(definition, image)))
    return places.some(({ name }) => repositories.includes(name)) ? yanked : []
  })
}
