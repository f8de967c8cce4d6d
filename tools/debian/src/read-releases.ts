import { WaybillError, mapLimit, type Context } from '@waybill/core'
import type { DebianArchive } from './archives.ts'
import { readRelease } from './fetch-release.ts'
import { getUrl, isAbsent, noSource, sourceFailure } from './fetch.ts'
import type { FindKeyring } from './keyring.ts'
import type { DebianLock } from './lock.ts'
import type { SuiteRelease } from './release-file.ts'
import { suiteFolder, type ArchivePart, type DebianSuite } from './suites.ts'

/** A part of the archive of one suite, as its Release file describes it. */
export interface FoundRelease {
  readonly part: ArchivePart
  /** Of the suite's folder below `dists/`. */
  readonly url: string
  readonly file: SuiteRelease
}

export interface ReleasesOptions {
  readonly suite: DebianSuite
  readonly findKeyring: FindKeyring
  /** Seconds since 1970. */
  readonly now: number
  /** The lock that is renewed: no Release file may be older than those it was made from. */
  readonly before: DebianLock | undefined
  /** Goes on where the archive of security updates is not there. */
  readonly withoutSecurity: boolean
}

/**
 * Reads the Release files of every part; of several sources of one part those that answer.
 * @throws {ERR_NO_PACKAGE_SOURCE} (outcome `unknown`) {ERR_RELEASE_SIGNATURE} {ERR_RELEASE_STALE} {ERR_SECURITY_MISSING} {ERR_KEYRING_MISSING}
 */
export async function readReleases(
  context: Context,
  archives: readonly DebianArchive[],
  options: ReleasesOptions,
): Promise<FoundRelease[]> {
  const parts = [...new Set(archives.map(({ part }) => part))]
  const found = await mapLimit(parts, context.jobs, (part) =>
    readPart(context, part, {
      ...options,
      archives: archives.filter((archive) => archive.part === part),
    }),
  )
  return found.flat()
}

interface PartOptions extends ReleasesOptions {
  readonly archives: readonly DebianArchive[]
}

async function readPart(
  context: Context,
  part: ArchivePart,
  options: PartOptions,
): Promise<FoundRelease[]> {
  const { suite, archives, findKeyring, now, before } = options
  const codename = suiteFolder(suite, part)
  const said = before?.released?.[part]
  const times = { now, last: said === undefined ? undefined : Date.parse(said) / 1000 }
  const found: FoundRelease[] = []
  const reasons: string[] = []
  let unknown = false
  for (const { uri, signedBy } of archives) {
    const url = `${uri}/dists/${codename}`
    try {
      const keyring = await findKeyring(signedBy)
      const response = await getUrl(context, `${url}/InRelease`)
      if (response.status === 200) {
        const file = await readRelease(response, { codename, keyring, times, context })
        found.push({ part, url, file })
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
  assertMayLack(part, { ...options, reasons, unknown })
  context.logger.warn(`Debian ${suite}: no ${part} there, so only what the rest has is used`)
  return []
}

interface Lack extends PartOptions {
  readonly reasons: readonly string[]
  readonly unknown: boolean
}

// Only the updates of a mirror are a guess of ours; a part that apt's sources name is there, or something is wrong.
function assertMayLack(part: ArchivePart, lack: Lack): void {
  const { suite, reasons, unknown, archives, withoutSecurity } = lack
  const isSure = archives.every(({ isGuessed }) => isGuessed)
  if (!unknown && part === 'security' && withoutSecurity) return
  if (unknown || part === 'main') throw noSource(`No source of Debian ${suite} (${part})`, reasons)
  if (part === 'security') throw securityMissing(suite, reasons)
  if (!isSure) throw noSource(`No source of Debian ${suite} (${part})`, reasons)
}

function securityMissing(suite: DebianSuite, reasons: readonly string[]): WaybillError {
  return new WaybillError(
    'ERR_SECURITY_MISSING',
    `Debian ${suite}: the archive of security updates is not there: ${reasons.join('; ')}`,
    {
      hint: 'Whoever hides it keeps you at packages with known holes. Use another mirror with --mirror URL; for one that has no such archive say --without-security.',
    },
  )
}
