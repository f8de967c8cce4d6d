import {
  assertNotCancelled,
  canonicalJson,
  digestOf,
  mapLimit,
  type Context,
  type Step,
} from '@waybill/core'
import type { TarInput } from '@waybill/archive'
import type { DebianArchive } from './archives.ts'
import type { BaseCache } from './base-cache.ts'
import { fetchPackage } from './download.ts'
import type { BaseLayer } from './image.ts'
import { recallLayer, storeLayer, type LayerKey } from './layer-store.ts'
import { pinOf, type DebianLock, type PackagePin } from './lock.ts'
import { packageEntries } from './package-layer.ts'
import { CERTIFICATES, isUsrMerged, packagesOf, type Recipe } from './recipes.ts'
import { SYSTEM_ENTRIES, certificateEntries } from './system-layer.ts'

/** A layer to be made, or found in the cache. */
export interface LayerPlan {
  /** Equal for layers that are the same, on whichever platform. */
  readonly id: string
  readonly key: LayerKey
  readonly comment: string
  /** The package file it is made from; none for the layer that is made from nothing. */
  readonly pin?: PackagePin
  readonly entries: (deb: string) => Iterable<TarInput> | AsyncIterable<TarInput>
}

/** The layers of a recipe for one architecture, lowest first: the packages, then users and folders, then the certificates. */
export function planLayers(recipe: Recipe, lock: DebianLock, architecture: string): LayerPlan[] {
  const usrMerged = isUsrMerged(lock.suite)
  const packages = packagesOf(recipe, lock.suite).map((name) => {
    const pin = pinOf(lock, name, architecture)
    return plan({
      key: { kind: 'package', name, usrMerged, sha256: pin.sha256 },
      comment: `Debian ${lock.suite}: ${name} ${pin.version}`,
      pin,
      entries: (deb) => packageEntries(deb, { name, usrMerged }),
    })
  })
  const pin = pinOf(lock, CERTIFICATES, architecture)
  const system = plan({
    key: { kind: 'system', entries: SYSTEM_ENTRIES.map(plain) },
    comment: 'users, name service and folders',
    entries: () => SYSTEM_ENTRIES,
  })
  const certificates = plan({
    key: { kind: 'certificates', sha256: pin.sha256 },
    comment: `Debian ${lock.suite}: certificates of ${CERTIFICATES} ${pin.version}`,
    pin,
    entries: (deb) => certificateEntries(deb, CERTIFICATES),
  })
  return [...packages, system, certificates]
}

function plan(layer: Omit<LayerPlan, 'id'>): LayerPlan {
  return { ...layer, id: canonicalJson(layer.key) }
}

const plain = (entry: TarInput): unknown =>
  entry.content instanceof Uint8Array ? { ...entry, content: digestOf(entry.content) } : entry

export interface MakeLayersOptions {
  readonly context: Context
  readonly step: Step
  readonly base: BaseCache
  /** Asked only when a package file has to be fetched. */
  readonly archives: () => Promise<readonly DebianArchive[]>
}

/** Makes every planned layer that is not in the cache, fetching what it needs; by the plans' ids. */
export async function makeLayers(
  plans: readonly LayerPlan[],
  options: MakeLayersOptions,
): Promise<Map<string, BaseLayer>> {
  const unique = [...new Map(plans.map((one) => [one.id, one])).values()]
  const recalled = await mapLimit(unique, 8, (one) => recallLayer(options.base, one.key))
  const found = unique.map((one, at) => ({ plan: one, layer: recalled[at] }))
  const missing = found.filter(({ layer }) => layer === undefined).map((one) => one.plan)
  const made = await makeMissing(missing, options)
  return new Map(
    found.map(({ plan: { id, comment }, layer }) => [
      id,
      { layer: layer ?? made.get(id)!, comment },
    ]),
  )
}

async function makeMissing(
  plans: readonly LayerPlan[],
  { context, step, base, archives }: MakeLayersOptions,
): Promise<Map<string, BaseLayer['layer']>> {
  if (plans.length === 0) return new Map()
  const total = plans.reduce((sum, { pin }) => sum + (pin?.size ?? 0), 0)
  const sources = await archives()
  let done = 0
  const onBytes = (bytes: number): void => {
    done += bytes
    step.update({ done, total, unit: 'bytes', note: 'packages' })
  }
  // The largest first, so that none is left to be waited for at the end.
  const work = plans.toSorted((a, b) => (b.pin?.size ?? 0) - (a.pin?.size ?? 0))
  const made = await mapLimit(work, context.jobs, async ({ id, key, pin, entries }) => {
    assertNotCancelled(context.signal, 'Making the base was cancelled')
    const options = { archives: sources, base, onBytes }
    const deb = pin === undefined ? '' : await fetchPackage(context, pin, options)
    return [id, await storeLayer(base, key, () => entries(deb))] as const
  })
  return new Map(made)
}
