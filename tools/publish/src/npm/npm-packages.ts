import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import {
  createContext,
  createDigester,
  algorithmOf,
  WaybillError,
  type Context,
  type ContextOptions,
  type Destination,
  type Destinations,
  type Digest,
  type NamedDigest,
} from '@waybill/core'
import { parseVersion } from '../version-names.ts'
import { digestOfIntegrity, npmAt, wantsLogin, type Npm } from './npm.ts'
import { digestAt, readPackument } from './packument.ts'

/** A packed package, as an entry of `npm pack --json` says it. */
export interface PackedPackage {
  readonly name: string
  readonly version: string
  /** Subresource Integrity of the file. */
  readonly integrity: string
  /** The file, relative to the context's folder. */
  readonly filename: string
}

export interface NpmPackagesOptions extends ContextOptions {
  /** @default true */
  readonly required?: boolean
  /** The registry's address. @default what npm's configuration says for the package */
  readonly registry?: string | undefined
  /** @default 'public' */
  readonly access?: 'public' | 'restricted' | undefined
  /** Lets npm make a statement of provenance, on a CI it knows. @default false */
  readonly provenance?: boolean | undefined
}

/** The registry, for one release. */
interface Registry {
  readonly npm: Npm
  readonly context: Context
  readonly options: NpmPackagesOptions
  /** Asks once who we are there. */
  whoami(signal?: AbortSignal): Promise<unknown>
}

interface Place extends Registry {
  readonly packed: PackedPackage
  readonly digest: Digest
}

/**
 * Packages at an npm registry as destinations, each named `npm:<package>`: the packed file under its version, which never changes, and the
 * dist-tag `latest`, which rolls. A version that stands with the same integrity is done; with another it is a conflict.
 * npm gives every version a dist-tag as it is published: that of its line (`line-1.4`, or a prerelease's word) until `latest` moves.
 * @throws {ERR_INVALID_DIGEST} {ERR_INVALID_VERSION}
 */
export function npmPackages(
  packages: readonly PackedPackage[],
  options: NpmPackagesOptions = {},
): Destinations {
  const context = createContext(options)
  const npm = npmAt(context, options.registry)
  let asked: Promise<unknown> | undefined
  const whoami = (signal?: AbortSignal): Promise<unknown> => (asked ??= npm.ask(['whoami'], signal))
  const registry = { npm, context, options, whoami }
  return Object.fromEntries(packages.map((packed) => [packed.name, packageAt(registry, packed)]))
}

function packageAt(registry: Registry, packed: PackedPackage): Destination {
  const { name, version } = packed
  parseVersion(version)
  const digest = digestOfIntegrity(packed.integrity)
  const place = { ...registry, packed, digest }
  return {
    name: `npm:${name}`,
    kind: 'npm',
    required: registry.options.required ?? true,
    rolling: ['latest'],
    wanted: () => digest,
    preflight: (signal) => preflight(place, signal),
    names: async (signal) => Object.keys((await readPackument(name, place, signal)).versions),
    observe: (at, signal) => observe(place, at, signal),
    put: async () => {
      await assertPacked(place)
      return { uploaded: 0, mounted: 0, present: 0, bytes: 0 }
    },
    check: () => Promise.resolve(),
    set: (at, _digest, { kind }, signal) =>
      kind === 'rolling' ? tag(place, at, version, signal) : publishFile(place, signal),
    restore: (at, previous, signal) => restore(place, at, previous, signal),
  }
}

async function observe(
  place: Place,
  at: string,
  signal?: AbortSignal,
): Promise<NamedDigest | undefined> {
  const { name } = place.packed
  return digestAt(await readPackument(name, place, signal), at, (version) =>
    place.npm.ask(['view', `${name}@${version}`, 'dist.integrity'], signal),
  )
}

// A registry that trusts the CI itself has no user to name; it can't take a package it has never seen.
async function preflight(place: Place, signal?: AbortSignal): Promise<void> {
  const { packed, context } = place
  try {
    await place.whoami(signal)
  } catch (error) {
    if (!wantsLogin(error) || context.env['ACTIONS_ID_TOKEN_REQUEST_URL'] === undefined) throw error
    const { versions } = await readPackument(packed.name, place, signal)
    if (Object.keys(versions).length > 0) return
    throw new WaybillError(
      'ERR_DENIED',
      `npm:${packed.name} does not exist yet, and trusted publishing cannot make it`,
      {
        hint: 'Publish a first version by hand or with a token, and set up trusted publishing for it then.',
        outcome: 'unknown',
        details: { package: packed.name },
      },
    )
  }
}

// What was packed once is what is published: the file is read again before npm is given it.
async function assertPacked({ packed, digest, context }: Place): Promise<void> {
  const digester = createDigester(algorithmOf(digest))
  const path = resolve(context.cwd, packed.filename)
  for await (const chunk of createReadStream(path)) digester.update(chunk as Uint8Array)
  const found = digester.digest()
  if (found === digest) return
  throw new WaybillError(
    'ERR_DIGEST_MISMATCH',
    `${packed.filename}: expected ${digest}, found ${found}`,
    { hint: 'The file was changed after it was packed; pack again and make a new plan.' },
  )
}

async function publishFile(place: Place, signal?: AbortSignal): Promise<void> {
  const { npm, packed, digest, options } = place
  const { version, filename } = packed
  const more = options.provenance === true ? ['--provenance'] : []
  const access = ['--access', options.access ?? 'public', '--tag', lineOf(version)]
  let failure: unknown
  try {
    await npm.ask(['publish', filename, '--ignore-scripts', ...access, ...more], signal)
  } catch (error) {
    failure = error
  }
  // Whether a publish that failed took effect is known only by looking.
  const found = await observe(place, version, signal)
  if (found === digest) return
  throw found === undefined ? (failure ?? unwritten(place)) : taken(place, found)
}

/** The dist-tag a version is published under: npm takes none for an answer, and `latest` is not its own yet. */
function lineOf(version: string): string {
  const { major, minor, prerelease } = parseVersion(version)
  if (prerelease.length === 0) return `line-${major}.${minor}`
  const word = prerelease.find((part) => typeof part === 'string' && /^[a-z]/i.test(part))
  return word === undefined ? 'next' : String(word)
}

async function tag(
  { npm, packed }: Place,
  name: string,
  version: string,
  signal?: AbortSignal,
): Promise<void> {
  await npm.ask(['dist-tag', 'add', `${packed.name}@${version}`, name], signal)
}

async function restore(
  place: Place,
  name: string,
  previous: NamedDigest | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const { npm, packed } = place
  if (previous === undefined) {
    await npm.ask(['dist-tag', 'rm', packed.name, name], signal)
    return
  }
  const { versions } = await readPackument(packed.name, place, signal)
  for (const version of Object.keys(versions).toReversed()) {
    if ((await observe(place, version, signal)) === previous)
      return tag(place, name, version, signal)
  }
  throw new WaybillError(
    'ERR_NOT_RESTORABLE',
    `npm:${packed.name}: ${name} cannot be put back to ${previous}: no version has it`,
    {
      hint: `Point it at the right version by hand: npm dist-tag add ${packed.name}@VERSION ${name}`,
    },
  )
}

function unwritten({ packed: { name, version } }: Place): WaybillError {
  return new WaybillError('ERR_READ_BACK', `npm:${name}: ${version} was published but is absent`)
}

function taken({ packed: { name, version }, digest }: Place, found: NamedDigest): WaybillError {
  return new WaybillError(
    'ERR_IMMUTABLE_TAG',
    `npm:${name}: ${version} stands with other content; wanted ${digest}, found ${found}`,
    {
      hint: 'A published version never changes: release under a new one.',
      details: { destination: `npm:${name}`, name: version, wanted: digest, found },
    },
  )
}
