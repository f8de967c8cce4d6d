import { WaybillError, type NamedDigest } from '@waybill/core'
import { parseVersion } from '../version-names.ts'
import { isTrusted, observe, type NpmPackageClient } from './place.ts'

/**
 * Publishes the file under its version and tells which dist-tag of `rolling` that moved. Where the registry trusts the CI, dist-tags can be
 * moved no other way than with the version itself.
 * @throws {ERR_DIGEST_MISMATCH} {ERR_IMMUTABLE_TAG} {ERR_READ_BACK}, and what npm says.
 */
export async function publishFile(
  place: NpmPackageClient,
  rolling: readonly string[],
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const { npm, packed, digest } = place
  const file = await place.file()
  const [moved] = (await isTrusted(place, signal)) ? rolling : []
  let failure: unknown
  try {
    await npm.ask(wordsFor(place, file, moved ?? lineOf(packed.version)), signal)
  } catch (error) {
    failure = error
  }
  // Whether a publish that failed took effect is known only by looking.
  const found = await observe(place, packed.version, signal)
  if (found === digest) return moved === undefined ? [] : [moved]
  throw found === undefined ? (failure ?? unwritten(place)) : taken(place, found)
}

function wordsFor({ options }: NpmPackageClient, file: string, tag: string): readonly string[] {
  const access = ['--access', options.access ?? 'public', '--tag', tag]
  const more = options.provenance === true ? ['--provenance'] : []
  return ['publish', file, '--ignore-scripts', ...access, ...more]
}

/** The dist-tag a version is published under: npm takes none for an answer, and `latest` is not its own yet. */
function lineOf(version: string): string {
  const { major, minor, prerelease } = parseVersion(version)
  if (prerelease.length === 0) return `line-${major}.${minor}`
  const word = prerelease.find((part) => typeof part === 'string' && /^[a-z]/i.test(part))
  return word === undefined ? 'next' : String(word)
}

function unwritten({ packed: { name, version } }: NpmPackageClient): WaybillError {
  return new WaybillError('ERR_READ_BACK', `npm:${name}: ${version} was published but is absent`)
}

function taken(
  { packed: { name, version }, digest }: NpmPackageClient,
  found: NamedDigest,
): WaybillError {
  return new WaybillError(
    'ERR_IMMUTABLE_TAG',
    `npm:${name}: ${version} stands with other content; wanted ${digest}, found ${found}`,
    {
      hint: 'A published version never changes: release under a new one.',
      details: { destination: `npm:${name}`, name: version, wanted: digest, found },
    },
  )
}
