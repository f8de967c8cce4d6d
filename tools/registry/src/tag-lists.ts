import type { RepositoryClient } from './place.ts'
import { listTags, type TagList } from './tags.ts'

interface Kept {
  readonly reading: Promise<TagList>
  /** On the monotonic clock, milliseconds. */
  readonly at: number
  /** Tags that this process wrote or removed since. */
  readonly changed: Map<string, boolean>
}

// Names are looked at together, a moment after the list was read; what is older is read again.
const FRESH = 60_000

const kept = new WeakMap<RepositoryClient, Kept>()

/** Reads the list of tags, and keeps it for the names that are looked at next. @throws as `listTags` */
export function readTagList(place: RepositoryClient, signal?: AbortSignal): Promise<TagList> {
  const reading = listTags(place, signal)
  const entry = { reading, at: performance.now(), changed: new Map<string, boolean>() }
  kept.set(place, entry)
  reading.catch(() => {
    if (kept.get(place) === entry) kept.delete(place)
  })
  return reading
}

/** The list as it was read within the last minute, else as it is now; with what this process changed since. */
export async function recentTagList(
  place: RepositoryClient,
  signal?: AbortSignal,
): Promise<TagList> {
  const entry = freshAt(place)
  if (entry === undefined) return readTagList(place, signal)
  return withChanges(await entry.reading, entry.changed)
}

/** Whether a list that was read within the last minute is without a tag; false where there is none. */
export async function isUnlisted(place: RepositoryClient, tag: string): Promise<boolean> {
  const entry = freshAt(place)
  if (entry === undefined) return false
  const list = await entry.reading.catch(() => undefined)
  return list !== undefined && !hasTag(withChanges(list, entry.changed), tag)
}

/** Whether a list has a tag. */
export function hasTag(list: TagList, tag: string): boolean {
  return list.kind === 'complete' && list.tags.includes(tag)
}

/** Notes that a tag was written, or removed. */
export function noteTag(place: RepositoryClient, tag: string, isThere: boolean): void {
  kept.get(place)?.changed.set(tag, isThere)
}

function freshAt(place: RepositoryClient): Kept | undefined {
  const entry = kept.get(place)
  return entry !== undefined && performance.now() - entry.at <= FRESH ? entry : undefined
}

function withChanges(list: TagList, changed: ReadonlyMap<string, boolean>): TagList {
  const own = [...changed].filter(([, isThere]) => isThere).map(([tag]) => tag)
  if (list.kind === 'none') return own.length === 0 ? list : { kind: 'complete', tags: own }
  const tags = list.tags.filter((tag) => changed.get(tag) !== false)
  return { kind: 'complete', tags: [...new Set([...tags, ...own])] }
}
