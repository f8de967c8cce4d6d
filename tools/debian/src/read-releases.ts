import { mapLimit, type Context } from '@waybill/core'
import type { DebianArchive } from './archives.ts'
import { readRelease } from './fetch-release.ts'
import { getUrl, isAbsent, noSource, sourceFailure } from './fetch.ts'
import type { Keyring } from './keyring.ts'
import type { ReleaseFile } from './release-file.ts'
import { suiteFolder, type ArchivePart, type DebianSuite } from './suites.ts'

/** A part of the archive of one suite, as its Release file describes it. */
export interface FoundRelease {
  /** Of the suite's folder below `dists/`. */
  readonly url: string
  readonly file: ReleaseFile
}

export interface ReleasesOptions {
  readonly suite: DebianSuite
  readonly keyring: Keyring
}

/**
 * Reads the Release files of every part; of several sources of one part those that answer.
 * @throws {ERR_NO_PACKAGE_SOURCE} (outcome `unknown`) {ERR_RELEASE_SIGNATURE}
 */
export async function readReleases(
  context: Context,
  archives: readonly DebianArchive[],
  options: ReleasesOptions,
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
  { suite, part, keyring }: ReleasesOptions & { readonly part: ArchivePart },
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
