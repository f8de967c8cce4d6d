import { WaybillError, type CachePlace, type ContextOptions } from '@waybill/core'
import { makeBase, type DebianLock, type MakeBaseOptions as DebianOptions } from '@waybill/debian'
import type { Base } from '@waybill/oci'
import { resolveImage, type RepositoryOptions } from '@waybill/registry'
import type { Lock } from './lock.ts'

/** The base of an image that stands on nothing. */
export const SCRATCH = 'scratch' as const

/**
 * Finds the base a definition names, without letting it float: it has a digest, or the lock pins one.
 * @throws {ERR_BASE_NOT_PINNED} naming `waybill lock`.
 */
export async function pinnedBase(
  reference: string,
  lock: Lock,
  options: RepositoryOptions = {},
): Promise<Base | 'scratch'> {
  if (reference === SCRATCH) return SCRATCH
  if (reference.includes('@sha256:')) return resolveImage(reference, options)
  const pin = lock.bases[reference]
  if (pin !== undefined) return resolveImage(`${reference}@${pin.digest}`, options)
  throw new WaybillError('ERR_BASE_NOT_PINNED', `The base ${reference} is not pinned to a digest`, {
    hint: 'Run `waybill lock` and commit waybill.lock, or name the base with its digest (…@sha256:…).',
    details: { reference },
  })
}

/** A base that can be made from Debian packages, as its reference says. */
export interface BaseRecipe {
  readonly name: 'static' | 'base-nossl' | 'base' | 'cc'
  readonly suite: 'bookworm' | 'trixie'
  readonly user: 'root' | 'nonroot'
  /** Where the lock keeps its packages. */
  readonly key: string
}

const DISTROLESS =
  /(?:^|\/)distroless\/(static|base-nossl|base|cc)-debian(12|13)(?::(latest|nonroot))?(?:@|$)/

/** Reads a distroless image's name as the recipe it was made by; undefined for any other image. */
export function recipeOf(reference: string): BaseRecipe | undefined {
  const [, name, debian, tag] = DISTROLESS.exec(reference) ?? []
  if (name === undefined) return undefined
  const user = tag === 'nonroot' ? 'nonroot' : 'root'
  return {
    name: name as BaseRecipe['name'],
    suite: debian === '12' ? 'bookworm' : 'trixie',
    user,
    key: `${name}-debian${debian}`,
  }
}

export interface RecipeBaseOptions extends ContextOptions {
  readonly lock: Lock
  readonly cache?: CachePlace | undefined
  /** Where packages come from, and who has to vouch for them. */
  readonly packages?: PackageOptions | undefined
  /** The pins that are renewed. */
  readonly before?: DebianLock | undefined
}

/** Where Debian packages come from when they are pinned, and who has to vouch for them. */
export type PackageOptions = Pick<DebianOptions, 'mirror' | 'keyrings' | 'withoutSecurity'>

/** A base made on the spot, and the lock that would make it again. */
export interface RecipeBase {
  readonly base: Base
  readonly lock: Lock
}

/** Makes a base from Debian packages, those the lock pins or else the newest, which are then pinned. */
export async function recipeBase(
  recipe: BaseRecipe,
  platforms: readonly string[],
  options: RecipeBaseOptions,
): Promise<RecipeBase> {
  const { lock, cache, packages, before, ...context } = options
  const pins = lock.packages[recipe.key]
  const made = await makeBase(recipe.name, {
    ...context,
    platforms,
    cache,
    suite: recipe.suite,
    user: recipe.user,
    ...packages,
    before,
    ...(pins === undefined ? {} : { lock: pins }),
  })
  return { base: made, lock: { ...lock, packages: { ...lock.packages, [recipe.key]: made.lock } } }
}
