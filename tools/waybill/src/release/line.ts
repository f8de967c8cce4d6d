import { join, resolve } from 'node:path'
import { createContext } from '@waybill/core'
import type {
  Artifact,
  ContextOptions,
  Destinations,
  DueDecision,
  PublishPlan,
  Receipt,
  Release,
} from '@waybill/core'
import {
  assemble,
  proveIdentity,
  waiveIdentity,
  type AssembledImage,
  type Base,
} from '@waybill/oci'
import { planPublish, publish, type Hook, type NameOptions } from '@waybill/publish'
import type { ComponentEntry, Definition, ImageEntry } from '../definition/types.ts'
import { buildComponent } from './build.ts'
import { archiveComponent } from './archive.ts'
import { componentEntry } from './components.ts'
import { createStages, type Stages } from './stages.ts'
import { imageBinaries, imageOptions } from './image.ts'

/** What a release leans on and a rehearsal puts something else in place of. */
export interface LinePorts {
  /** The base a definition names, pinned to a digest. */
  base(reference: string, platforms: readonly string[]): Promise<Base | 'scratch'>
  /** Where an image goes. */
  destinations(image: ImageEntry): Destinations
  /** What runs before an image's rolling names move. */
  hooks(image: ImageEntry): readonly Hook[]
  /** Folder of the journal. */
  readonly journal: string
  /** Asked before anything is written outside; throws to stop. */
  confirm?(plan: PublishPlan): Promise<void>
}

export interface LineOptions extends ContextOptions {
  /** Stops before anything is written outside, with the plans. */
  readonly dryRun?: boolean | undefined
  /** A folder for what was compiled and assembled before, by content. @default '.waybill/cache' in `cwd` */
  readonly cache?: string | undefined
  /** Measures how long each stage takes. */
  readonly stages?: Stages | undefined
}

/** One image of a release, from its binaries to its receipt; no receipt after a dry run. */
export interface ReleasedImage {
  readonly entry: ImageEntry
  readonly image: AssembledImage
  readonly plan: PublishPlan
  readonly receipt: Receipt | undefined
}

/** Everything one component's release made. */
export interface ReleasedComponent {
  readonly decision: DueDecision
  readonly artifacts: readonly Artifact[]
  readonly images: readonly ReleasedImage[]
}

/** Takes one due component from its sources to every destination: compile, archive, assemble, prove, publish. */
export async function releaseComponent(
  definition: Definition,
  decision: DueDecision,
  ports: LinePorts,
  options: LineOptions = {},
): Promise<ReleasedComponent> {
  const { release } = decision
  const entry = componentEntry(definition, release.component)
  const stages = options.stages ?? createStages()
  const binaries = await stages.measure('compile', () =>
    buildComponent(definition, release, { ...options, cache: join(cacheOf(options), 'compile') }),
  )
  const archives = await stages.measure('archive', () =>
    archiveComponent(definition, release, binaries, options),
  )
  const images: ReleasedImage[] = []
  for (const image of entry.images ?? []) {
    const work = { release, entry, image, binaries, archives, stages }
    images.push(await releaseImage(work, ports, options))
  }
  return { decision, artifacts: [...binaries, ...archives], images }
}

function cacheOf(options: LineOptions): string {
  return resolve(createContext(options).cwd, options.cache ?? '.waybill/cache')
}

interface ImageWork {
  readonly release: Release
  readonly entry: ComponentEntry
  readonly image: ImageEntry
  readonly binaries: readonly Artifact[]
  readonly archives: readonly Artifact[]
  readonly stages: Stages
}

async function releaseImage(
  work: ImageWork,
  ports: LinePorts,
  options: LineOptions,
): Promise<ReleasedImage> {
  const { stages } = work
  const image = await stages.measure('assemble', () => assembleImage(work, ports, options))
  const proven = await stages.measure('prove', () => prove(work, image, options))
  const to = ports.destinations(work.image)
  const plan = await stages.measure('plan', () =>
    planPublish(work.release, proven, { ...options, ...nameOptions(work), to }),
  )
  if (options.dryRun === true) return { entry: work.image, image, plan, receipt: undefined }
  await ports.confirm?.(plan)
  const beforeRolling = ports.hooks(work.image)
  const publishing = { ...options, content: proven, to, journal: ports.journal, beforeRolling }
  const receipt = await stages.measure('publish', () => publish(plan, publishing))
  return { entry: work.image, image, plan, receipt }
}

function nameOptions({ entry, image }: ImageWork): NameOptions {
  return { yanked: entry.yanked, immutable: image.immutable, rolling: image.rolling }
}

async function assembleImage(
  { release, image, binaries }: ImageWork,
  ports: LinePorts,
  options: LineOptions,
): Promise<AssembledImage> {
  const chosen = imageBinaries(image, binaries)
  const base = await ports.base(
    image.base,
    chosen.map((binary) => binary.platform!),
  )
  return assemble(release, chosen, {
    ...options,
    cache: cacheOf(options),
    base,
    ...imageOptions(image),
  })
}

function prove(
  { image, archives }: ImageWork,
  assembled: AssembledImage,
  options: LineOptions,
): ReturnType<typeof proveIdentity> {
  const { identity } = image
  if (typeof identity === 'object')
    return Promise.resolve(waiveIdentity(assembled, { reason: identity.waived }))
  return proveIdentity(assembled, archives, { ...options, path: image.path })
}
