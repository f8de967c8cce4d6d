import { inStep, isWaybillError, type Context } from '@waybill/core'
import type { Base } from '@waybill/oci'
import { resolveImage } from '@waybill/registry'
import type { Definition, ImageEntry } from '../definition/types.ts'
import { SCRATCH, recipeBase, recipeOf, type Recipe } from '../release/base.ts'
import type { Lock } from '../lock/lock.ts'
import type { RehearseOptions } from './rehearse.ts'
import { imagePlatforms } from './image-platforms.ts'

export interface RehearsalBases {
  /** By the reference the definition names. */
  readonly bases: ReadonlyMap<string, Base | 'scratch'>
  readonly lock: Lock
  /** Whether binaries must be static, because that was asked for or no base with a libc can be had. */
  readonly isStatic: boolean
}

type Options = RehearseOptions & Context & { readonly lock: Lock; readonly cache: string }

/** Gets every base before anything is compiled; without a reachable package source the release goes on static and from nothing, and says so. */
export async function rehearsalBases(
  definition: Definition,
  images: readonly ImageEntry[],
  options: Options,
): Promise<RehearsalBases> {
  const isStatic = options.static === true
  try {
    return { ...(await getBases(definition, images, options)), isStatic }
  } catch (error) {
    if (!isWaybillError(error, 'ERR_NO_PACKAGE_SOURCE')) throw error
    options.logger.warn(
      `${error.message}: going on with static binaries on a base made from nothing`,
    )
    return {
      bases: new Map(images.map(({ base }) => [base, SCRATCH] as const)),
      lock: options.lock,
      isStatic: true,
    }
  }
}

async function getBases(
  definition: Definition,
  images: readonly ImageEntry[],
  options: Options,
): Promise<{ bases: Map<string, Base | 'scratch'>; lock: Lock }> {
  const bases = new Map<string, Base | 'scratch'>()
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
  options: Options,
): Promise<{ base: Base | 'scratch'; lock: Lock }> {
  if (image.base === SCRATCH) return { base: SCRATCH, lock: options.lock }
  const recipe = recipeOf(image.base)
  if (recipe !== undefined) {
    const wanted = options.static === true ? staticRecipe(recipe) : recipe
    return inStep(options.progress, `make the base ${wanted.key} from Debian packages`, () =>
      recipeBase(wanted, platforms, options),
    )
  }
  const base = await inStep(options.progress, `look up the base ${image.base}`, () =>
    resolveImage(image.base, options),
  )
  return { base, lock: options.lock }
}

const staticRecipe = (recipe: Recipe): Recipe => ({
  ...recipe,
  name: 'static',
  key: recipe.key.replace(recipe.name, 'static'),
})
