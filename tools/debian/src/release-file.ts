import { WaybillError } from '@waybill/core'

/** A file a Release file vouches for. */
export interface ReleaseEntry {
  readonly sha256: string
  readonly size: number
}

/** What is read of an InRelease file. */
export interface ReleaseFile {
  readonly origin: string
  readonly codename: string
  readonly byHash: boolean
  /** By path below the suite's folder. */
  readonly files: ReadonlyMap<string, ReleaseEntry>
}

/**
 * Reads an InRelease file. `where` names it, for the error.
 * @throws {ERR_INVALID_RELEASE} for anything that is no Release file of Debian's.
 */
export function parseRelease(text: string, where: string): ReleaseFile {
  const body = signedText(text)
  const field = (name: string): string =>
    new RegExp(`^${name}: *(.*)$`, 'm').exec(body)?.[1]?.trim() ?? ''
  const origin = field('Origin')
  const files = new Map(readSums(body))
  if (origin !== 'Debian' || files.size === 0) {
    throw new WaybillError(
      'ERR_INVALID_RELEASE',
      `${where}: expected a Release file with the origin Debian, found ${origin === '' ? 'something else' : `"${origin}"`}`,
      { hint: 'Check the mirror: its URL is that of the folder above dists/.' },
    )
  }
  const codename = field('Codename')
  return { origin, codename, byHash: field('Acquire-By-Hash') === 'yes', files }
}

// What stands between the armour's header and the signature; other text around it counts for nothing. RFC 9580 section 7.
function signedText(text: string): string {
  const match =
    /-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:.+\r?\n)*\r?\n([^]*?)\n-----BEGIN PGP SIGNATURE-----/.exec(
      text,
    )
  return match?.[1]?.replace(/^- /gm, '') ?? ''
}

function* readSums(body: string): Generator<[string, ReleaseEntry]> {
  const section = /^SHA256:[ \t]*\n((?:[ \t].*(?:\n|$))*)/m.exec(body)?.[1] ?? ''
  for (const [, sha256, size, path] of section.matchAll(
    /^[ \t]+([0-9a-f]{64})[ \t]+(\d+)[ \t]+(\S+)$/gm,
  ))
    yield [path!, { sha256: sha256!, size: Number(size) }]
}
