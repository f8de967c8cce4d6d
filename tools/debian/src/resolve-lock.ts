import { join } from 'node:path'
import {
  WaybillError,
  canonicalJson,
  digestOf,
  mapLimit,
  verified,
  writeFileAtomic,
  type Context,
  type Digest,
} from '@waybill/core'
import type { DebianArchive } from './archives.ts'
import { compareVersions } from './compare-versions.ts'
import { readJsonFile } from './json-file.ts'
import { getUrl, isAbsent, noSource, sourceFailure } from './fetch.ts'
import type { DebianLock, PackagePin } from './lock.ts'
import { findPackages, type PackageRecord } from './packages-index.ts'
import { allPackages } from './recipes.ts'
import type { Keyring } from './keyring.ts'
import { readRelease } from './fetch-release.ts'
import type { ReleaseFile } from './release-file.ts'
import { suiteFolder, type ArchivePart, type DebianSuite } from './suites.ts'
import { unxz } from './xz.ts'

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
  const packages: Record<string, Record<string, PackagePin>> = {}
  for (const name of options.packages) {
    packages[name] = {}
    for (const architecture of options.architectures) {
      const records = found.filter((one) => one.architecture === architecture)
      const newest = newestOf(records.flatMap((one) => one.records).filter((r) => r.name === name))
      if (newest === undefined) throw packageMissing(name, architecture, options.suite)
      const { version, filename, size, sha256 } = newest
      const key = newest.architecture === 'all' ? 'all' : architecture
      packages[name][key] = { version, filename, size, sha256 }
    }
  }
  return { schemaVersion: 1, suite: options.suite, packages }
}

function newestOf(records: readonly PackageRecord[]): PackageRecord | undefined {
  return records.toSorted((a, b) => compareVersions(b.version, a.version))[0]
}

function packageMissing(name: string, architecture: string, suite: string): WaybillError {
  return new WaybillError(
    'ERR_PACKAGE_MISSING',
    `Debian ${suite} has no package ${name} for ${architecture} at this source`,
    { hint: 'Check that the mirror is complete, or choose other platforms.' },
  )
}

interface FoundRelease {
  readonly url: string
  readonly file: ReleaseFile
}

/** The Release files of every part; of several sources of one part those that answer. */
async function readReleases(
  context: Context,
  archives: readonly DebianArchive[],
  options: ResolveOptions,
): Promise<FoundRelease[]> {
  const parts = [...new Set(archives.map(({ part }) => part))]
  const found = await mapLimit(parts, context.jobs, (part) => {
    const uris = archives.filter((archive) => archive.part === part).map(({ uri }) => uri)
    return readPart(context, uris, { ...options, part })
  })
  return found.flat()
}

async function readPart(
  context: Context,
  uris: readonly string[],
  { suite, part, keyring }: ResolveOptions & { readonly part: ArchivePart },
): Promise<FoundRelease[]> {
  const found: FoundRelease[] = []
  const reasons: string[] = []
  let unknown = false
  for (const uri of uris) {
    const codename = suiteFolder(suite, part)
    const url = `${uri}/dists/${codename}`
    try {
      const response = await getUrl(context, `${url}/InRelease`)
      if (response.status === 200) {
        found.push({ url, file: await readRelease(response, { codename, keyring, context }) })
        continue
      }
      await response.discard()
      unknown ||= !isAbsent(response.status)
      reasons.push(`${url}/InRelease: status ${response.status}`)
    } catch (error) {
      unknown = true
      reasons.push(sourceFailure(error))
    }
  }
  if (found.length > 0) return found
  if (unknown || part === 'main') throw noSource(`No source of Debian ${suite} (${part})`, reasons)
  context.logger.warn(`Debian ${suite}: no ${part} there, so only what the rest has is used`)
  return []
}

interface IndexOptions extends ResolveOptions {
  readonly architecture: string
}

// What an index says of the recipes' packages is kept by the index's own digest: reading 50 MB again would say the same.
async function readIndex(
  context: Context,
  release: FoundRelease,
  { suite, architecture, cache }: IndexOptions,
): Promise<PackageRecord[]> {
  const path = `main/binary-${architecture}/Packages.xz`
  const entry = release.file.files.get(path) ?? release.file.files.get(`updates/${path}`)
  if (entry === undefined) return []
  const wanted = allPackages(suite)
  const key = digestOf(canonicalJson({ ...entry, wanted })).slice('sha256:'.length)
  const kept = join(cache, 'indexes', `${key}.json`)
  const before = await readJsonFile<PackageRecord[]>(kept)
  if (before !== undefined) return before
  const byHash = path.replace(/[^/]+$/, `by-hash/SHA256/${entry.sha256}`)
  const urls = (release.file.byHash ? [byHash, path] : [path]).map((end) => `${release.url}/${end}`)
  const records = await downloadIndex(context, urls, { ...entry, wanted })
  await writeFileAtomic(kept, JSON.stringify(records))
  return records
}

// By hash first, since the plain name may change while it is read; not every mirror has it.
async function downloadIndex(
  context: Context,
  urls: readonly string[],
  entry: { readonly sha256: string; readonly size: number; readonly wanted: readonly string[] },
): Promise<PackageRecord[]> {
  const digest: Digest = `sha256:${entry.sha256}`
  const reasons: string[] = []
  for (const url of urls) {
    try {
      const response = await getUrl(context, url)
      if (response.status === 200) {
        const body = verified({ digest, size: entry.size }, response.body, url)
        return await findPackages(unxz(body, url), new Set(entry.wanted))
      }
      await response.discard()
      reasons.push(`${url}: status ${response.status}`)
    } catch (error) {
      reasons.push(sourceFailure(error))
    }
  }
  throw noSource('No index of packages', reasons)
}
