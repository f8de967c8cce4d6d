import {
  openCache,
  type Artifact,
  type Cache,
  type Destinations,
  type ProvenImage,
  type Release,
} from '@waybill/core'
import { assemble, proveIdentity, waiveIdentity, type AssembledImage } from '@waybill/image'
import { planPublish, publish, type NameOptions } from '@waybill/publish'
import type { ComponentEntry, ImageEntry } from '../definition/types.ts'
import { withCompilerCaches } from './compiler-caches.ts'
import { acceptedPrograms, imageBinaries, imageOptions } from './image.ts'
import type { LineOptions, LinePorts, PublishedPlan, ReleasedImage } from './line-types.ts'
import type { Stages } from './stages.ts'

/** What one run of the line has for all of its components. */
export interface Line {
  readonly ports: LinePorts
  readonly options: LineOptions
}

/** What is at work for one component. */
export interface ComponentRelease {
  readonly release: Release
  readonly entry: ComponentEntry
  readonly image?: ImageEntry
  readonly binaries: readonly Artifact[]
  readonly archives: readonly Artifact[]
  readonly stages: Stages
  /** The release page, where it is published together with this. */
  readonly page?: (() => Promise<Destinations>) | undefined
}

export type ReleaseWithImage = ComponentRelease & { readonly image: ImageEntry }

/** Takes one image from its binaries to its receipt. */
export async function releaseImage(work: ReleaseWithImage, line: Line): Promise<ReleasedImage> {
  const { stages } = work
  const image = await stages.measure('assemble', () => assembleImage(work, line))
  const proven = await stages.measure('prove', () => prove(work, image, line.options))
  return { entry: work.image, image, ...(await publishProven(work, proven, line)) }
}

/** Publishes what may be published to every destination it has. */
export async function publishProven(
  work: ComponentRelease,
  content: ProvenImage,
  { ports, options }: Line,
): Promise<PublishedPlan> {
  const { stages, release, image } = work
  const to = { ...ports.destinations(image), ...(await work.page?.()) }
  // Who only looks at a plan need not be allowed to carry it out.
  const preflight = options.dryRun !== true
  const plan = await stages.measure('plan', () =>
    planPublish(release, content, { ...options, ...nameOptions(work), to, preflight }),
  )
  if (options.dryRun === true) return { plan, receipt: undefined }
  await ports.confirm?.(plan)
  const beforeRolling = image === undefined ? [] : ports.hooks(image)
  const publishing = { ...options, content, to, journal: ports.journal, beforeRolling }
  const receipt = await stages.measure('publish', () => publish(plan, publishing))
  return { plan, receipt: withCompilerCaches(receipt, work.binaries) }
}

function nameOptions({ entry, image }: ComponentRelease): NameOptions {
  return { yanked: entry.yanked, immutable: image?.immutable, rolling: image?.rolling }
}

// A strict proof rests on no record, not even of what the base holds.
const imageCache = ({ fresh, strict, ...options }: LineOptions): Promise<Cache | undefined> =>
  fresh === true || strict === true ? Promise.resolve(undefined) : openCache(options.cache, options)

async function assembleImage(
  { release, image, binaries }: ReleaseWithImage,
  { ports, options }: Line,
): Promise<AssembledImage> {
  const chosen = imageBinaries(image, binaries)
  const base = await ports.base(
    image.base,
    chosen.map((binary) => binary.platform!),
  )
  return assemble(release, chosen, {
    ...options,
    cache: await imageCache(options),
    base,
    ...imageOptions(image),
  })
}

function prove(
  { image, archives }: ReleaseWithImage,
  assembled: AssembledImage,
  options: LineOptions,
): ReturnType<typeof proveIdentity> {
  const { identity } = image
  if (typeof identity === 'object')
    return Promise.resolve(waiveIdentity(assembled, { reason: identity.waived }))
  const through = acceptedPrograms(image)
  return proveIdentity(assembled, archives, { ...options, path: image.path, through })
}
