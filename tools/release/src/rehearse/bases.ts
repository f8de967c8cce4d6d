import { WaybillError, inStep, isWaybillError, type Context } from '@waybill/core'
import type { BaseImage } from '@waybill/oci'
import { resolveImage } from '@waybill/registry'
import type { Definition, ImageEntry } from '../definition/types.ts'
import type { Lock } from '../lock/lock.ts'
import {
  SCRATCH,
  recipeBase,
  recipeOf,
  type PackageOptions,
  type BaseRecipe,
} from '../lock/base.ts'
import { imagePlatforms } from '../definition/image-platforms.ts'
import type { RehearseOptions } from './types.ts'

/** The bases of a rehearsal, and the lock that would give them again. */
export interface RehearsalBases {
  /** The base of a reference that the definition names. */
  base(reference: string): Promise<BaseImage>
  readonly lock: Lock
  /** Whether binaries must be static, because that was asked for or no base with a libc can be had. */
  readonly isStatic: boolean
}

export interface BasesOptions
  extends Context, PackageOptions, Pick<RehearseOptions, 'static' | 'plainHttp' | 'caFile'> {
  readonly lock: Lock
  /** The lock's file, for errors. */
  readonly lockFile: string
}

/** Gets every base before anything is compiled; without a reachable package source the release goes on static and from nothing, and says so. */
export async function rehearsalBases(
  definition: Definition,
  images: readonly ImageEntry[],
  options: BasesOptions,
): Promise<RehearsalBases> {
  try {
    const { bases, lock } = await getBases(definition, images, options)
    const base = (reference: string): Promise<BaseImage> => Promise.resolve(bases.get(reference)!)
    return { base, lock, isStatic: options.static === true }
  } catch (error) {
    if (isWaybillError(error, 'ERR_PACKAGE_VANISHED')) throw vanished(error, options)
    if (!isWaybillError(error, 'ERR_NO_PACKAGE_SOURCE')) throw error
    options.logger.warn(
      `${error.message}: going on with static binaries on a base made from nothing`,
    )
    return { base: () => Promise.resolve(SCRATCH), lock: options.lock, isStatic: true }
  }
}

type Bases = Map<string, BaseImage>

async function getBases(
  definition: Definition,
  images: readonly ImageEntry[],
  options: BasesOptions,
): Promise<{ bases: Bases; lock: Lock }> {
  const bases: Bases = new Map()
  let { lock } = options
  for (const image of images) {
    if (bases.has(image.base)) continue
    const made = await getBase(image, imagePlatforms(definition, image), { ...options, lock })
    bases.set(image.base, made.base)
    lock = made.lock
  }
  return { bases, lock }
}

async function getBase(
  image: ImageEntry,
  platforms: readonly string[],
  options: BasesOptions,
): Promise<{ base: BaseImage; lock: Lock }> {
  const { lock } = options
  if (image.base === SCRATCH) return { base: SCRATCH, lock }
  const recipe = recipeOf(image.base)
  if (recipe !== undefined) {
    const { mirror, keyrings, withoutSecurity } = options
    const packages = { mirror, keyrings, withoutSecurity }
    const wanted = options.static === true ? staticRecipe(recipe) : recipe
    return recipeBase(wanted, platforms, { ...options, packages })
  }
  const title = `look up the base ${image.base}`
  return {
    base: await inStep(options.progress, title, () => resolveImage(image.base, options)),
    lock,
  }
}

const staticRecipe = (recipe: BaseRecipe): BaseRecipe => ({
  ...recipe,
  name: 'static',
  key: recipe.key.replace(recipe.name, 'static'),
})

// The pins are the state folder's own, so the command that renews them has to name their file.
function vanished(error: WaybillError, { lockFile, cwd }: BasesOptions): WaybillError {
  return new WaybillError('ERR_PACKAGE_VANISHED', error.message, {
    hint: `Pin today's versions: waybill lock --packages --cwd ${cwd} --file ${lockFile}`,
    details: error.details,
    cause: error,
  })
}
