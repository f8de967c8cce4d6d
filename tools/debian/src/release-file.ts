import { WaybillError } from '@waybill/core'

/** A file a Release file vouches for. */
export interface IndexEntry {
  readonly sha256: string
  readonly size: number
}

/** What is read of an InRelease file. */
export interface SuiteRelease {
  readonly origin: string
  readonly codename: string
  readonly byHash: boolean
  /** When it was made, in seconds since 1970. @default unsaid */
  readonly date: number | undefined
  /** Until when it may be believed, in seconds since 1970. @default unsaid */
  readonly validUntil: number | undefined
  /** By path below the suite's folder. */
  readonly files: ReadonlyMap<string, IndexEntry>
}

/**
 * Reads the signed text of an InRelease file. `where` names it, for the error.
 * @throws {ERR_INVALID_RELEASE} for anything that is no Release file of Debian's, or is that of another suite.
 */
export function parseRelease(text: string, codename: string, where: string): SuiteRelease {
  const field = (name: string): string =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(text)?.[1]?.trim() ?? ''
  const found = { origin: field('Origin'), codename: field('Codename') }
  const files = new Map(readSums(text))
  if (found.origin !== 'Debian' || found.codename !== codename || files.size === 0) {
    throw invalidRelease(
      where,
      `of "${found.origin}" with the codename "${found.codename}"`,
      codename,
    )
  }
  return {
    ...found,
    byHash: field('Acquire-By-Hash') === 'yes',
    date: readDate('Date', field('Date'), where),
    validUntil: readDate('Valid-Until', field('Valid-Until'), where),
    files,
  }
}

// RFC 5322, always in UTC: `Sat, 01 Jan 2022 00:00:00 UTC`. A date that cannot be read is no reason to believe the file for ever.
function readDate(name: string, text: string, where: string): number | undefined {
  if (text === '') return undefined
  const milliseconds = /^\w{3}, +\d{1,2} \w{3} \d{4} \d{1,2}:\d\d:\d\d (?:UTC|GMT|Z|\+0000)$/.test(
    text,
  )
    ? Date.parse(text.replace(/Z$/, 'UTC'))
    : Number.NaN
  if (!Number.isNaN(milliseconds)) return milliseconds / 1000
  throw new WaybillError(
    'ERR_INVALID_RELEASE',
    `${where}: expected ${name} to be a date in UTC, found "${text}"`,
    { hint: 'Tell whoever keeps the mirror, or use another one.' },
  )
}

/** The error for what is no Release file, or not the wanted one. */
export function invalidRelease(where: string, found: string, codename: string): WaybillError {
  return new WaybillError(
    'ERR_INVALID_RELEASE',
    `${where}: expected the Release file of Debian ${codename}, found one ${found}`,
    { hint: 'Check the mirror: its URL is that of the folder above dists/.' },
  )
}

function* readSums(body: string): Generator<[string, IndexEntry]> {
  const section = /^SHA256:[ \t]*\n((?:[ \t].*(?:\n|$))*)/m.exec(body)?.[1] ?? ''
  for (const [, sha256, size, path] of section.matchAll(
    /^[ \t]+([0-9a-f]{64})[ \t]+(\d+)[ \t]+(\S+)$/gm,
  ))
    yield [path!, { sha256: sha256!, size: Number(size) }]
}
