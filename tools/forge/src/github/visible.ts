import { ask, readAnswer } from './ask.ts'
import type { Place } from './place.ts'

const seen = new WeakSet<Place>()

/**
 * Checks that the repository is there and may be read: to whoever may not, GitHub answers 404 as if nothing were.
 * @throws {ERR_NOT_FOUND} {ERR_UNAUTHORIZED} {ERR_DENIED}
 */
export async function assertVisible(place: Place, signal?: AbortSignal): Promise<void> {
  if (seen.has(place)) return
  await readAnswer(await ask(place, place.url, { signal }), `${place.name}: the repository`)
  seen.add(place)
}
