import { createContext, inStep, type CachePlace, type ContextOptions } from '@waybill/core'
import { resolveImage, type RepositoryOptions } from '@waybill/registry'
import type { Definition, ImageEntry } from '../definition/types.ts'
import { imagePlatforms } from '../definition/image-platforms.ts'
import { SCRATCH, recipeBase, recipeOf, type PackageOptions } from './base.ts'
import { emptyLock, type Lock } from './lock.ts'

export interface MakeLockOptions
  extends ContextOptions, Pick<RepositoryOptions, 'plainHttp' | 'caFile'> {
  /** Pins Debian packages for the bases a recipe exists for, in place of the images' digests. @default false */
  readonly packages?: boolean | undefined
  /** Where packages come from, and who has to vouch for them. */
  readonly debian?: PackageOptions | undefined
  /** The lock that is renewed. @default one that pins nothing */
  readonly before?: Lock | undefined
  /** Where downloaded packages are kept. @default the user's own cache */
  readonly cache?: CachePlace | undefined
}

/** Looks up today's digest of every base a definition names (or today's packages), and the tools' versions. Writes no lock. */
export async function makeLock(definition: Definition, options: MakeLockOptions): Promise<Lock> {
  const { progress } = createContext(options)
  let lock = emptyLock
  const images = Object.values(definition.components).flatMap((entry) => entry.images ?? [])
  for (const image of images) {
    if (isPinned(image)) continue
    lock = await inStep(progress, `pin ${image.base}`, () =>
      pinImage(image, lock, { definition, options }),
    )
  }
  return lock
}

const isPinned = ({ base }: ImageEntry): boolean => base === SCRATCH || base.includes('@sha')

interface PinWork {
  readonly definition: Definition
  readonly options: MakeLockOptions
}

async function pinImage(
  image: ImageEntry,
  lock: Lock,
  { definition, options }: PinWork,
): Promise<Lock> {
  const recipe = options.packages === true ? recipeOf(image.base) : undefined
  if (recipe !== undefined) {
    const { packages: _, debian, before, ...rest } = options
    const pins = before?.packages[recipe.key]
    const renewed = { ...rest, lock, packages: debian, before: pins }
    return (await recipeBase(recipe, imagePlatforms(definition, image), renewed)).lock
  }
  const { descriptor } = await resolveImage(image.base, options)
  return { ...lock, bases: { ...lock.bases, [image.base]: { digest: descriptor.digest } } }
}
