import { WaybillError, canonicalJson, mapLimit, type Context } from '@waybill/core'
import type { DebianArchive } from './archives.ts'
import type { BaseCache } from './base-cache.ts'
import { compareVersions } from './compare-versions.ts'
import type { DebianLock, PackagePin } from './lock.ts'
import type { PackageRecord } from './packages-index.ts'
import { readIndex } from './read-index.ts'
import { readReleases, type FoundRelease, type ReleasesOptions } from './read-releases.ts'

export interface ResolveOptions extends ReleasesOptions {
  /** Debian's names. */
  readonly architectures: readonly string[]
  readonly packages: readonly string[]
  readonly base: BaseCache
  /** Nothing is checked, because someone asked for that; the lock says so. */
  readonly isUnauthenticated: boolean
}

/**
 * Looks up the newest version of each package in the archives' indexes, which are checked against their Release files.
 * The lock that is renewed stays as it is where the packages are the same.
 * @throws {ERR_NO_PACKAGE_SOURCE} (outcome `unknown`) {ERR_PACKAGE_MISSING} {ERR_RELEASE_SIGNATURE} {ERR_RELEASE_STALE} {ERR_SECURITY_MISSING} {ERR_KEYRING_MISSING}
 */
export async function resolveLock(
  context: Context,
  archives: readonly DebianArchive[],
  options: ResolveOptions,
): Promise<DebianLock> {
  const releases = await readReleases(context, archives, options)
  const work = options.architectures.flatMap((architecture) =>
    releases.map((release) => ({ architecture, release })),
  )
  const found = await mapLimit(work, context.jobs, async ({ architecture, release }) => ({
    architecture,
    records: await readIndex(context, release, { ...options, architecture }),
  }))
  const packages = pick(found, options)
  return renew(options.before, {
    schemaVersion: 1,
    suite: options.suite,
    ...(options.isUnauthenticated ? { unauthenticated: true } : { released: datesOf(releases) }),
    packages,
  })
}

// A lock changes with its packages, not with every new date of an archive.
function renew(before: DebianLock | undefined, lock: DebianLock): DebianLock {
  return before !== undefined && essenceOf(before) === essenceOf(lock) ? before : lock
}

function essenceOf({ suite, released = {}, unauthenticated, packages }: DebianLock): string {
  const parts = Object.keys(released).toSorted()
  return canonicalJson({ suite, parts, unauthenticated: unauthenticated === true, packages })
}

function datesOf(releases: readonly FoundRelease[]): NonNullable<DebianLock['released']> {
  const dated = releases.flatMap(({ part, file: { date } }) =>
    date === undefined ? [] : [[part, date] as const],
  )
  // Of several sources of one part, the oldest: each of them may be asked the next time.
  const oldest = new Map(dated.toSorted(([, a], [, b]) => b - a))
  return Object.fromEntries(
    [...oldest].map(([part, date]) => [part, new Date(date * 1000).toISOString()]),
  )
}

interface ArchitectureRecords {
  readonly architecture: string
  readonly records: readonly PackageRecord[]
}

function pick(
  found: readonly ArchitectureRecords[],
  { packages, architectures, suite }: ResolveOptions,
): DebianLock['packages'] {
  const picked: Record<string, Record<string, PackagePin>> = {}
  for (const name of packages) {
    const pins: Record<string, PackagePin> = {}
    for (const architecture of architectures) {
      const indexes = found.filter((one) => one.architecture === architecture)
      const newest = newestOf(
        name,
        indexes.flatMap(({ records }) => records),
      )
      if (newest === undefined) throw packageMissing(name, architecture, suite)
      const { version, filename, size, sha256 } = newest
      pins[newest.architecture === 'all' ? 'all' : architecture] = {
        version,
        filename,
        size,
        sha256,
      }
    }
    picked[name] = pins
  }
  return picked
}

function newestOf(name: string, records: readonly PackageRecord[]): PackageRecord | undefined {
  const versions = records.filter((record) => record.name === name)
  return versions.toSorted((a, b) => compareVersions(b.version, a.version))[0]
}

function packageMissing(name: string, architecture: string, suite: string): WaybillError {
  return new WaybillError(
    'ERR_PACKAGE_MISSING',
    `Debian ${suite} has no package ${name} for ${architecture} at this source`,
    { hint: 'Check that the mirror is complete, or choose other platforms.' },
  )
}
