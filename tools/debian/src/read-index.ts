import { verified, type CacheQuestion, type Context, type Digest } from '@waybill/core'
import { getUrl, noSource, sourceFailure } from './fetch.ts'
import type { BaseCache } from './base-cache.ts'
import { findPackages, type PackageRecord } from './packages-index.ts'
import type { FoundRelease } from './read-releases.ts'
import { allPackages } from './recipes.ts'
import type { DebianSuite } from './suites.ts'
import { unxz } from './xz.ts'

export interface IndexOptions {
  readonly suite: DebianSuite
  readonly architecture: string
  readonly base: BaseCache
}

/** Finds the recipes' packages in an index. What it says is kept by the index's own digest: reading 50 MB again would say the same. @throws {ERR_NO_PACKAGE_SOURCE} (outcome `unknown`) */
export async function readIndex(
  context: Context,
  release: FoundRelease,
  { suite, architecture, base }: IndexOptions,
): Promise<PackageRecord[]> {
  const path = `main/binary-${architecture}/Packages.xz`
  const entry = release.file.files.get(path) ?? release.file.files.get(`updates/${path}`)
  if (entry === undefined) return []
  const wanted = allPackages(suite)
  const question: CacheQuestion = { kind: 'indexes', recipe: wanted, inputs: entry }
  const before = (await base.cache?.recall(question)) as PackageRecord[] | undefined
  if (before !== undefined) return before
  const byHash = path.replace(/[^/]+$/, `by-hash/SHA256/${entry.sha256}`)
  const urls = (release.file.byHash ? [byHash, path] : [path]).map((end) => `${release.url}/${end}`)
  const records = await downloadIndex(context, urls, { ...entry, wanted })
  await base.cache?.remember(question, records)
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
