import {
  assertFewValues,
  FREE_BELOW,
  isWaybillError,
  parseJson,
  WaybillError,
  type Context,
  type Digest,
} from '@waybill/core'
import { digestOfIntegrity, type Npm } from './npm.ts'

/** What stands of a package: each version's integrity, and where its dist-tags lead. */
export interface Packument {
  /** Undefined for a version whose integrity is not known yet. */
  readonly versions: Readonly<Record<string, string | undefined>>
  readonly tags: Readonly<Record<string, string>>
}

const NOTHING: Packument = { versions: {}, tags: {} }
// The longest there is, in the abbreviated form, has some 30 MB.
const LIMIT = 48 * 1024 * 1024
const MAX_VALUES = 3_000_000

/**
 * Reads what stands of a package. Where anybody may read it the registry is asked directly, in milliseconds; npm, which knows the
 * credentials, is asked where it is not answered so: it takes half a second a question, of which a release of many packages has hundreds.
 */
export async function readPackument(
  name: string,
  { npm, context }: { readonly npm: Npm; readonly context: Context },
  signal: AbortSignal = context.signal,
): Promise<Packument> {
  const open = await readOpenly(`${await npm.registryOf(name)}${name.replace('/', '%2f')}`, {
    ...context,
    signal,
  })
  return open ?? askNpm(name, npm, signal)
}

// registry/docs/responses/package-metadata.md: the abbreviated form holds versions and dist-tags. JavaScript reads it, which looks at case, as names of packages
// do (JSONStream, jsonstream).
async function readOpenly(url: string, { http, signal }: Context): Promise<Packument | undefined> {
  const headers = { accept: 'application/vnd.npm.install-v1+json', 'cache-control': 'no-cache' }
  try {
    const response = await http.request(url, { headers, signal })
    if (response.status === 200) return fromJson(await response.bytes(LIMIT), url)
    await response.discard()
  } catch (error) {
    if (isWaybillError(error, 'ERR_CANCELLED') || isWaybillError(error, 'ERR_AMBIGUOUS_JSON'))
      throw error
  }
  return undefined
}

interface Answer {
  readonly versions?: Readonly<Record<string, { readonly dist?: { readonly integrity?: string } }>>
  readonly 'dist-tags'?: Readonly<Record<string, string>>
}

function fromJson(bytes: Uint8Array, url: string): Packument {
  assertFewValues(bytes, MAX_VALUES, url)
  const { versions = {}, 'dist-tags': tags = {} } = parseJson(bytes, url, FREE_BELOW) as Answer
  const entries = Object.entries(versions)
  return {
    versions: Object.fromEntries(entries.map(([version, { dist }]) => [version, dist?.integrity])),
    tags,
  }
}

async function askNpm(name: string, npm: Npm, signal: AbortSignal): Promise<Packument> {
  const answer = await npm.ask(['view', name, 'versions', 'dist-tags'], signal)
  if (answer === undefined) return NOTHING
  const { versions = [], 'dist-tags': tags = {} } = answer as {
    readonly versions?: string | readonly string[]
    readonly 'dist-tags'?: Readonly<Record<string, string>>
  }
  const all = [versions].flat().map((version) => [version, undefined] as const)
  return { versions: Object.fromEntries(all), tags }
}

/**
 * The digest of a version that stands, or of the one that a dist-tag leads to; undefined where there is none.
 * @throws {ERR_UNKNOWN_STATE} for one that stands without an integrity, as very old ones do.
 */
export async function digestAt(
  { versions, tags }: Packument,
  at: string,
  ask: (version: string) => Promise<unknown>,
): Promise<Digest | undefined> {
  const version = tags[at] ?? at
  if (!Object.hasOwn(versions, version)) return undefined
  const integrity = versions[version] ?? (await ask(version))
  if (typeof integrity === 'string') return digestOfIntegrity(integrity)
  throw new WaybillError('ERR_UNKNOWN_STATE', `${version} stands, but without an integrity`, {
    hint: 'It cannot be told whether it is the same; release under a new version.',
    outcome: 'unknown',
  })
}
