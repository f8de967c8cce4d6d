import {
  createContext,
  inStep,
  type CachePlace,
  type Context,
  type ContextOptions,
  type Step,
} from '@waybill/core'
import type { Base } from '@waybill/oci'
import { debianPlatform, type DebianPlatform } from './architectures.ts'
import { findArchives } from './archives.ts'
import { openBaseCache, type BaseCache } from './base-cache.ts'
import { baseSource } from './base-source.ts'
import { imageIndex, platformImage } from './image.ts'
import { keyringFinder } from './keyring.ts'
import { makeLayers, planLayers } from './layers.ts'
import { checkSuite, trimLock, type DebianLock } from './lock.ts'
import { CERTIFICATES, packagesOf, recipeReference, type Recipe } from './recipes.ts'
import { resolveLock } from './resolve-lock.ts'
import type { DebianSuite } from './suites.ts'

export interface MakeBaseOptions extends ContextOptions {
  /** `linux/amd64`, `linux/arm64` … */
  readonly platforms: readonly string[]
  /** Where package files and finished layers are kept; anything there can be made again. @default the user's own cache */
  readonly cache?: CachePlace | undefined
  /** The URL of the folder above `dists/`. @default the machine's own apt sources */
  readonly mirror?: string | undefined
  /** @default the lock's, else the machine's own, else trixie */
  readonly suite?: DebianSuite | undefined
  /** Whom a container runs as. @default 'nonroot' (65532) */
  readonly user?: 'root' | 'nonroot' | undefined
  /** Exactly these package files, and no index is read. */
  readonly lock?: DebianLock | undefined
  /**
   * Files of OpenPGP keys that may sign Release files; an empty list checks nothing, and the lock says so. Only looked at where there is no lock.
   * @default what apt trusts for each archive, and Debian's own where the machine has them; none of these is an error
   */
  readonly keyrings?: readonly string[] | undefined
  /** Goes on where the archive of security updates is not there. @default false */
  readonly withoutSecurity?: boolean | undefined
  /** The lock that is renewed: no Release file may be older than those it was made from. Only looked at where there is no `lock`. */
  readonly before?: DebianLock | undefined
  /** Seconds since 1970, for the dates of keys and Release files. @default the machine's clock */
  readonly now?: number | undefined
  /** Where apt's configuration is. @default '/etc/apt' */
  readonly aptFolder?: string | undefined
}

/** A base image and the package files it was made of. */
export interface MadeBase extends Base {
  readonly lock: DebianLock
}

/**
 * Makes a base image out of Debian packages, without a tool, a daemon or root: one layer a package, after distroless's recipes. The same lock gives the
 * same bytes. With a lock whose layers are in the cache nothing is fetched.
 * @throws {ERR_NO_PACKAGE_SOURCE} (outcome `unknown`) {ERR_PACKAGE_VANISHED} {ERR_PACKAGE_MISSING} {ERR_LOCK_INCOMPLETE} {ERR_KEYRING_MISSING} {ERR_RELEASE_SIGNATURE} {ERR_RELEASE_STALE} {ERR_SECURITY_MISSING} {ERR_UNKNOWN_PLATFORM}
 */
export async function makeBase(recipe: Recipe, options: MakeBaseOptions): Promise<MadeBase> {
  const context = createContext(options)
  const platforms = options.platforms.map(debianPlatform)
  return inStep(
    context.progress,
    `base ${recipe}`,
    async (step) => {
      const base = await openBaseCache(options.cache, context)
      return make(recipe, { ...options, base, context, step, debian: platforms })
    },
    ({ reference }) => reference,
  )
}

interface Making extends MakeBaseOptions {
  readonly base: BaseCache
  readonly context: Context
  readonly step: Step
  readonly debian: readonly DebianPlatform[]
}

async function make(recipe: Recipe, making: Making): Promise<MadeBase> {
  const lock = await lockFor(recipe, making)
  const plans = making.debian.map((one) => planLayers(recipe, lock, one.architecture))
  const layers = await makeLayers(plans.flat(), {
    ...making,
    archives: async () => (await findArchives(making)).archives,
  })
  const user = making.user ?? 'nonroot'
  const images = making.debian.map(({ platform }, at) =>
    platformImage(
      plans[at]!.map(({ id }) => layers.get(id)!),
      { platform, user },
    ),
  )
  const index = imageIndex(images.map(({ manifest }) => manifest))
  const documents = [...images.flatMap((image) => image.documents), index]
  const reference = recipeReference(recipe, lock.suite, user)
  const stored = [...layers.values()].map(({ layer }) => layer)
  return {
    reference,
    descriptor: index.descriptor,
    source: baseSource(reference, documents, stored),
    lock,
  }
}

async function lockFor(recipe: Recipe, making: Making): Promise<DebianLock> {
  const architectures = making.debian.map(({ architecture }) => architecture)
  if (making.lock !== undefined) {
    const suite = checkSuite(making.lock, making.suite)
    return trimLock(making.lock, neededFor(recipe, suite), architectures)
  }
  const sources = await findArchives(making)
  const suite = making.suite ?? sources.suite ?? 'trixie'
  making.step.update({ note: `reading the indexes of Debian ${suite}` })
  const packages = neededFor(recipe, suite)
  const isUnauthenticated = making.keyrings?.length === 0
  if (isUnauthenticated)
    making.context.logger.warn("Debian's packages are not authenticated: no signature is checked")
  return resolveLock(making.context, sources.archives, {
    suite,
    architectures,
    packages,
    base: making.base,
    findKeyring: keyringFinder(making.keyrings, sources.trusted),
    isUnauthenticated,
    now: making.now ?? Date.now() / 1000,
    before: making.before,
    withoutSecurity: making.withoutSecurity === true,
  })
}

const neededFor = (recipe: Recipe, suite: DebianSuite): readonly string[] => [
  ...packagesOf(recipe, suite),
  CERTIFICATES,
]
