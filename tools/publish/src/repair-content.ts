import {
  isWaybillError,
  messageOf,
  type Digest,
  type Finding,
  type NamedDigest,
} from '@waybill/core'
import type { DestinationState } from './heal-judge.ts'
import { findLost, lostFindings } from './lost-content.ts'
import type { RepairOptions } from './repair.ts'

/**
 * Brings back what is gone below names, from any destination that still has it; every byte is checked by its digest on the way. What could
 * not be brought stays a finding that says why.
 */
export async function repairContent(
  places: readonly DestinationState[],
  options: RepairOptions,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const place of places) {
    if (place.below.size === 0) continue
    const reasons: string[] = []
    for (const digest of place.below.keys()) reasons.push(...(await bring(place, digest, options)))
    const { signal } = options.context
    const now = await findLost(place.destination, place.standing, signal)
    findings.push(...broughtBack(place, now.below), ...stillLost({ ...place, ...now }, reasons))
  }
  return findings
}

/** Tries the other destinations one after the other; answers why it could not be done, or nothing. */
async function bring(
  { destination }: DestinationState,
  digest: NamedDigest,
  { context, load, places }: RepairOptions,
): Promise<readonly string[]> {
  if (load === undefined) return []
  const { signal } = context
  const others = places.filter((place) => place.destination !== destination)
  const having = others.filter(({ standing }) => [...standing.values()].includes(digest))
  // One that is whole itself comes first; another may still have the part that is gone here.
  const sources = having.toSorted(
    (a, b) => Number(a.below.has(digest)) - Number(b.below.has(digest)),
  )
  const reasons: string[] = []
  for (const source of sources) {
    try {
      const content = await load(source.destination, digest as Digest)
      await destination.put(content, signal)
      await destination.check(content, signal)
      return []
    } catch (error) {
      if (isWaybillError(error, 'ERR_CANCELLED')) throw error
      reasons.push(`from ${source.destination.name}: ${messageOf(error)}`)
    }
  }
  return reasons.length > 0 ? reasons : [`no other repository that was given has ${digest}`]
}

const partsOf = (below: DestinationState['below']): ReadonlySet<Digest> =>
  new Set([...below.values()].flat())

function broughtBack(
  { destination, below }: DestinationState,
  now: DestinationState['below'],
): readonly Finding[] {
  const left = partsOf(now)
  return [...partsOf(below)]
    .filter((digest) => !left.has(digest))
    .map((digest) => ({
      code: 'repaired',
      level: 'note',
      message: `${destination.name}: ${digest} was gone and is there again`,
      where: { repository: destination.name, digest },
    }))
}

function stillLost(place: DestinationState, reasons: readonly string[]): readonly Finding[] {
  const why = reasons.length === 0 ? '' : `; it could not be brought back: ${reasons.join('; ')}`
  return lostFindings(place, place.standing).map((finding) => ({
    ...finding,
    message: `${finding.message}${why}`,
  }))
}
