import { SUITES, type DebianSuite } from './suites.ts'

/** A base image made of Debian packages, after distroless: each holds what the one before it holds. */
export type Recipe = 'static' | 'base-nossl' | 'base' | 'cc'

const STATIC: Readonly<Record<DebianSuite, readonly string[]>> = {
  bookworm: ['base-files', 'netbase', 'tzdata', 'media-types'],
  trixie: ['base-files', 'netbase', 'tzdata', 'tzdata-legacy', 'media-types'],
}

const SSL: Readonly<Record<DebianSuite, readonly string[]>> = {
  bookworm: ['libssl3'],
  trixie: ['libssl3t64', 'libzstd1', 'zlib1g'],
}

const CC: Readonly<Record<DebianSuite, readonly string[]>> = {
  bookworm: ['gcc-12-base', 'libgcc-s1', 'libgomp1', 'libstdc++6'],
  trixie: ['gcc-14-base', 'libgcc-s1', 'libgomp1', 'libstdc++6'],
}

/** Gives the certificates; only their bundle goes into the image. */
export const CERTIFICATES = 'ca-certificates'

/** The packages whose files a recipe holds, in the order of their layers. */
export function packagesOf(recipe: Recipe, suite: DebianSuite): readonly string[] {
  const packages = [...STATIC[suite]]
  if (recipe !== 'static') packages.push('libc6')
  if (recipe === 'base' || recipe === 'cc') packages.push(...SSL[suite])
  if (recipe === 'cc') packages.push(...CC[suite])
  return packages
}

/** Every package of any recipe. */
export function allPackages(suite: DebianSuite): readonly string[] {
  return [...packagesOf('cc', suite), CERTIFICATES]
}

/** What the base is called: `base-nossl-debian13:nonroot`. */
export function recipeReference(recipe: Recipe, suite: DebianSuite, user: string): string {
  return `${recipe}-debian${SUITES[suite]}:${user === 'root' ? 'latest' : user}`
}

/** Whether /bin, /lib and /sbin are links into /usr. */
export function isUsrMerged(suite: DebianSuite): boolean {
  return suite !== 'bookworm'
}
