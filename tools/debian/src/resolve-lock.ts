import { WaybillError, mapLimit, type Context } from '@waybill/core'
import type { DebianArchive } from './archives.ts'
import { compareVersions } from './compare-versions.ts'
import type { Keyring } from './keyring.ts'
import type { DebianLock, PackagePin } from './lock.ts'
import type { PackageRecord } from './packages-index.ts'
import { readIndex } from './read-index.ts'
import { readReleases } from './read-releases.ts'
import type { DebianSuite } from './suites.ts'

export interface ResolveOptions {
  readonly suite: DebianSuite
  /** Debian's names. */
  readonly architectures: readonly string[]
  readonly packages: readonly string[]
  readonly cache: string
  readonly keyring: Keyring
}

/**
 * Looks up the newest version of each package in the archives' indexes, which are checked against their Release files.
 * @throws {ERR_NO_PACKAGE_SOURCE} (outcome `unknown`) {ERR_PACKAGE_MISSING}
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
  return { schemaVersion: 1, suite: options.suite, packages: pick(found, options) }
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
