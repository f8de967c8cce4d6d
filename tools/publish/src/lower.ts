import { mapLimit, type NamedDigest } from '@waybill/core'
import { nameOfVersion, shapeOf } from './name-shape.ts'
import type { PlannedName, PublishRun } from './run.ts'
import { compareVersions, parseVersion, versionsOf } from './version-names.ts'

// How many versions below and above are looked at, the nearest first: another publisher's is one of them.
const MAX_VERSIONS = 100
const MAX_CONCURRENT_NAMES = 8

/**
 * The lower version whose immutable name, in the same repository, leads to what was found under a rolling name: somebody who publishes it at
 * the same time moved the name there, and it may go on to the higher version. Undefined where nothing says so, or a higher one leads there too.
 */
export async function lowerVersionOf(
  run: PublishRun,
  { target, kind }: PlannedName,
  found: NamedDigest | undefined,
): Promise<string | undefined> {
  const { naming } = run.plan
  const { destination, plan } = target
  if (kind !== 'rolling' || found === undefined || plan.kind !== 'oci') return undefined
  if (naming === undefined || naming.channel !== undefined) return undefined
  const { signal } = run.context
  const own = parseVersion(naming.version)
  const all = versionsOf(await destination.names(signal), shapeOf(naming))
  const above = all.filter((version) => compareVersions(version, own) > 0)
  const below = all.filter((version) => compareVersions(version, own) < 0).toReversed()
  const near = [...above.slice(0, MAX_VERSIONS), ...below.slice(0, MAX_VERSIONS)]
  const leading = await mapLimit(near, MAX_CONCURRENT_NAMES, async (version) => {
    const name = nameOfVersion(version.text, naming)
    const at = await destination.observe(name, signal).catch(() => undefined)
    return at === found ? [version] : []
  })
  const [highest] = leading.flat().toSorted((a, b) => compareVersions(b, a))
  return highest === undefined || above.includes(highest) ? undefined : highest.text
}

/**
 * Moves a rolling name on from a lower version that another publisher moved it to at the same time; tells whether it was moved.
 * @throws what `Destination.set` throws.
 */
export async function moveOn(
  run: PublishRun,
  planned: PlannedName,
  found: NamedDigest | undefined,
): Promise<boolean> {
  const lower = await lowerVersionOf(run, planned, found)
  if (lower === undefined) return false
  const { target, name, wanted } = planned
  const { context, plan, proven } = run
  sayGoesOn(run, planned, lower)
  const options = {
    kind: 'rolling',
    previous: found,
    looked: true,
    content: proven.content,
    release: plan.release,
  } as const
  await target.destination.set(name, wanted, options, context.signal)
  return true
}

/** Says that a rolling name goes on from a lower version. */
export function sayGoesOn(run: PublishRun, { target, name }: PlannedName, lower: string): void {
  const { logger } = run.context
  const version = run.plan.naming?.version
  logger.info(
    `${target.destination.name}: ${name} was moved to ${lower} meanwhile; it goes on to ${version}`,
  )
}
