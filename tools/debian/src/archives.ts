import { WaybillError } from '@waybill/core'
import { readAptSources, trustedKeyrings, type AptSource } from './apt-sources.ts'
import { SUITES, parseSuite, type ArchivePart, type DebianSuite } from './suites.ts'

/** A place that serves a part of Debian's archive. */
export interface DebianArchive {
  /** Without a slash at the end; `dists/` and `pool/` are below it. */
  readonly uri: string
  readonly part: ArchivePart
  /** Who may sign it, as apt's source says: paths, fingerprints or keys. @default whoever apt trusts */
  readonly signedBy: readonly string[]
  /** Nobody named it: it is looked for because a mirror usually has it. */
  readonly isGuessed: boolean
}

/** Where packages come from, and the machine's own release where it has one. */
export interface PackageSources {
  readonly archives: readonly DebianArchive[]
  readonly suite: DebianSuite | undefined
  /** Files of keys that apt trusts for every source that names none. */
  readonly trusted: readonly string[]
}

/**
 * Finds Debian's archives: below a mirror's URL, or in the machine's apt sources, of which only Debian's own suites count.
 * @throws {ERR_NO_PACKAGE_SOURCE} (outcome `unknown`)
 */
export async function findArchives(options: {
  readonly mirror?: string | undefined
  readonly aptFolder?: string | undefined
}): Promise<PackageSources> {
  const trusted = await trustedKeyrings(options.aptFolder)
  const apt = { ...fromApt(await readAptSources(options.aptFolder)), trusted }
  const archives = options.mirror === undefined ? apt.archives : fromMirror(options.mirror)
  if (archives.some(({ part }) => part === 'main')) return { ...apt, archives }
  throw new WaybillError(
    'ERR_NO_PACKAGE_SOURCE',
    "Found no source of Debian packages: this machine's apt has none that is Debian's own",
    { hint: 'Name one with --mirror URL (the folder above dists/).', outcome: 'unknown' },
  )
}

/** Picks Debian's archives out of apt's sources, and the release they are of. */
export function fromApt(sources: readonly AptSource[]): Omit<PackageSources, 'trusted'> {
  const found: DebianArchive[] = []
  let suite: DebianSuite | undefined
  for (const { uris, suites, components, signedBy } of sources) {
    if (!components.includes('main')) continue
    for (const name of suites) {
      const parsed = parseSuite(name)
      if (parsed === undefined) continue
      if (Object.hasOwn(SUITES, parsed.release)) suite ??= parsed.release as DebianSuite
      for (const uri of uris.filter((uri) => /^https?:/.test(uri)))
        found.push({ uri: plain(uri), part: parsed.part, signedBy, isGuessed: false })
    }
  }
  return { archives: once(found), suite }
}

// A source may stand in two files; where they name different keys, each has to be right.
function once(archives: readonly DebianArchive[]): DebianArchive[] {
  const key = ({ uri, part, signedBy }: DebianArchive): string => [part, uri, ...signedBy].join(' ')
  return [...new Map(archives.map((archive) => [key(archive), archive])).values()]
}

// A mirror keeps security updates beside the archive, if at all.
function fromMirror(mirror: string): DebianArchive[] {
  if (!/^https?:\/\/[^/]/.test(mirror)) {
    throw new WaybillError(
      'ERR_INVALID_MIRROR',
      `Expected a mirror's http or https URL, found "${mirror}"`,
      {
        hint: 'Give the address of the folder that holds dists/ and pool/.',
        outcome: 'usage',
      },
    )
  }
  const uri = plain(mirror)
  return [
    { uri, part: 'main', signedBy: [], isGuessed: false },
    { uri, part: 'updates', signedBy: [], isGuessed: true },
    { uri: `${uri}-security`, part: 'security', signedBy: [], isGuessed: true },
  ]
}

const plain = (uri: string): string => uri.replace(/\/+$/, '')
