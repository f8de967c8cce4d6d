import type { Context, ContextOptions, Digest, NamedDigest } from '@waybill/core'
import { wantsLogin, type Npm } from './npm.ts'
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
export interface Registry {
  readonly npm: Npm
  readonly context: Context
  readonly options: NpmPackagesOptions
  /** Asks once who we are there. */
  whoami(signal?: AbortSignal): Promise<unknown>
}

/** One package there. */
export interface NpmPackageClient extends Registry {
  readonly packed: PackedPackage
  readonly digest: Digest
  /** The packed file, as it was when it was compared with its digest. @throws {ERR_DIGEST_MISMATCH} */
  file(): Promise<string>
}

/** What a version or dist-tag of the package is now. */
export async function observe(
  place: NpmPackageClient,
  at: string,
  signal?: AbortSignal,
): Promise<NamedDigest | undefined> {
  const { name } = place.packed
  return digestAt(await readPackument(name, place, signal), at, (version) =>
    place.npm.ask(['view', `${name}@${version}`, 'dist.integrity'], signal),
  )
}

/**
 * Whether the registry trusts the CI itself: nobody is logged in, and the CI can say who it is. Such trust covers publishing alone.
 * @throws {ERR_UNAUTHORIZED} where neither is so, and what else npm says.
 */
export async function isTrusted(
  { whoami, context }: NpmPackageClient,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    await whoami(signal)
    return false
  } catch (error) {
    if (wantsLogin(error) && context.env['ACTIONS_ID_TOKEN_REQUEST_URL'] !== undefined) return true
    throw error
  }
}
