import type { Destination, Digest, Finding, NamedDigest } from '@waybill/core'

/** What is gone below the names of one destination. */
export interface LostContent {
  readonly destination: Destination
  /** By the digest that names lead to. */
  readonly below: ReadonlyMap<NamedDigest, readonly Digest[]>
}

/** Looks for what is gone below everything that names of a destination lead to. @throws {ERR_UNKNOWN_STATE} */
export async function findLost(
  destination: Destination,
  standing: ReadonlyMap<string, NamedDigest>,
  signal: AbortSignal,
): Promise<LostContent> {
  const below = await destination.missing?.([...new Set(standing.values())], signal)
  return { destination, below: below ?? new Map() }
}

/** One finding for every digest that is gone at a destination, with the names that need it. */
export function lostFindings(
  { destination, below }: LostContent,
  standing: ReadonlyMap<string, NamedDigest>,
): readonly Finding[] {
  const needs = new Map<Digest, Set<string>>()
  for (const [digest, missing] of below) {
    const names = [...standing].filter(([, at]) => at === digest).map(([name]) => name)
    for (const one of missing) needs.set(one, new Set([...(needs.get(one) ?? []), ...names]))
  }
  return [...needs].map(([digest, names]): Finding => {
    const what = [...names].join(', ')
    return {
      code: 'content-missing',
      level: destination.required ? 'error' : 'warning',
      message: `${destination.name}: ${digest} is gone, and ${what} cannot be pulled whole without it`,
      suggestion:
        'Bring it back from another repository that has it with heal and repair, or publish the same release again.',
      where: { repository: destination.name, digest },
    }
  })
}

/** The finding for a name that a destination lists though it leads nowhere. */
export function phantomFinding({ name: repository, required }: Destination, name: string): Finding {
  return {
    code: 'phantom',
    level: required ? 'error' : 'warning',
    message: `${repository}: ${name} is listed, but leads nowhere: the registry answers 404 for it`,
    suggestion:
      'The registry lost what it leads to. Delete the tag there, or publish the same release again; a version that is gone for good is named with --yanked.',
    where: { repository },
  }
}
