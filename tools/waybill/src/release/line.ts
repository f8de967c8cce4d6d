import { join, resolve } from 'node:path'
import { createContext, WaybillError } from '@waybill/core'
import type {
  Artifact,
  ContextOptions,
  Destination,
  Destinations,
  DueDecision,
  ProvenImage,
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
import { planPublish, publish, releasedFiles, type Hook, type NameOptions } from '@waybill/publish'
import type { ComponentEntry, Definition, ImageEntry } from '../definition/types.ts'
import { buildComponent } from './build.ts'
import { archiveComponent } from './archive.ts'
import { componentEntry } from './components.ts'
import { releaseNotes } from './notes.ts'
import type { PageContent, PageEntry } from './page.ts'
import { createStages, type Stages } from './stages.ts'
import { imageBinaries, imageOptions } from './image.ts'

/** What a release leans on and a rehearsal puts something else in place of. */
export interface LinePorts {
  /** The base a definition names, pinned to a digest. */
  base(reference: string, platforms: readonly string[]): Promise<Base | 'scratch'>
  /** Where an image goes, or a release without one. */
  destinations(image: ImageEntry | undefined): Destinations
  /** What runs before an image's rolling names move. */
  hooks(image: ImageEntry): readonly Hook[]
  /** What was compiled already, in the output folder. @default everything is compiled here */
  binaries?(release: Release): readonly Artifact[]
  /** Looks at what was compiled before anything is made of it; throws to stop. */
  check?(release: Release, binaries: readonly Artifact[]): Promise<void>
  /** A component's release page; without it none is made. */
  page?(page: PageEntry, content: PageContent): Promise<Destination>
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

/** What became of a plan; no receipt after a dry run. */
export interface Published {
  readonly plan: PublishPlan
  readonly receipt: Receipt | undefined
}

/** One image of a release, from its binaries to its receipt. */
export interface ReleasedImage extends Published {
  readonly entry: ImageEntry
  readonly image: AssembledImage
}

/** Everything one component's release made. */
export interface ReleasedComponent {
  readonly decision: DueDecision
  readonly artifacts: readonly Artifact[]
  readonly images: readonly ReleasedImage[]
  /** Where the component has no image: its tag, and what else stands for its files alone. */
  readonly files?: Published
}

/** Every plan of a component, with its receipt. */
export function publishedOf({ images, files }: ReleasedComponent): readonly Published[] {
  return files === undefined ? images : [...images, files]
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
  assertGoesSomewhere(release, entry, ports)
  const stages = options.stages ?? createStages()
  const binaries =
    ports.binaries?.(release) ??
    (await stages.measure('compile', () =>
      buildComponent(definition, release, { ...options, cache: join(cacheOf(options), 'compile') }),
    ))
  await ports.check?.(release, binaries)
  const archives = await stages.measure('archive', () =>
    archiveComponent(definition, release, binaries, options),
  )
  const page = pageOf(definition, decision, { files: archives, ports, options })
  const work = { release, entry, binaries, archives, stages }
  const released = { decision, artifacts: [...binaries, ...archives] }
  const images: ReleasedImage[] = []
  const { images: all = [] } = entry
  for (const image of all) {
    // One page for all images: it is published with the last of them.
    const own = image === all.at(-1) ? { image, page } : { image }
    images.push(await releaseImage({ ...work, ...own }, ports, options))
  }
  if (images.length > 0) return { ...released, images }
  const files = await publishProven({ ...work, page }, releasedFiles(archives), ports, options)
  return { ...released, images, files }
}

// Found out before anything is built: a release that leaves no trace would be due again for ever.
function assertGoesSomewhere(release: Release, entry: ComponentEntry, ports: LinePorts): void {
  const [image] = entry.images ?? []
  const hasPage = entry.release !== undefined && ports.page !== undefined
  if (hasPage || Object.keys(ports.destinations(image)).length > 0) return
  const { component, version } = release
  const message = `${component} ${version} is due, but the definition names no place to publish it to`
  throw new WaybillError('ERR_DESTINATION_MISSING', message, {
    hint: 'Name a git remote for its tag (git: { remote: origin }), registries and an image, or a release page.',
    outcome: 'usage',
    details: { component, version },
  })
}

interface PageWork {
  readonly files: readonly Artifact[]
  readonly ports: LinePorts
  readonly options: LineOptions
}

// Made when it is needed: its notes are written from the history.
function pageOf(
  definition: Definition,
  decision: DueDecision,
  { files, ports, options }: PageWork,
): (() => Promise<Destinations>) | undefined {
  const { release } = decision
  const { release: entry } = componentEntry(definition, release.component)
  if (entry === undefined || ports.page === undefined) return undefined
  return async () => {
    const notes = await releaseNotes(entry, decision, options)
    return { page: await ports.page!({ definition, entry }, { release, files, notes }) }
  }
}

function cacheOf(options: LineOptions): string {
  return resolve(createContext(options).cwd, options.cache ?? '.waybill/cache')
}

interface Work {
  readonly release: Release
  readonly entry: ComponentEntry
  readonly image?: ImageEntry
  readonly binaries: readonly Artifact[]
  readonly archives: readonly Artifact[]
  readonly stages: Stages
  /** The release page, where it is published together with this. */
  readonly page?: (() => Promise<Destinations>) | undefined
}

type ImageWork = Work & { readonly image: ImageEntry }

async function releaseImage(
  work: ImageWork,
  ports: LinePorts,
  options: LineOptions,
): Promise<ReleasedImage> {
  const { stages } = work
  const image = await stages.measure('assemble', () => assembleImage(work, ports, options))
  const proven = await stages.measure('prove', () => prove(work, image, options))
  return { entry: work.image, image, ...(await publishProven(work, proven, ports, options)) }
}

async function publishProven(
  work: Work,
  content: ProvenImage,
  ports: LinePorts,
  options: LineOptions,
): Promise<Published> {
  const { stages, release, image } = work
  const to = { ...ports.destinations(image), ...(await work.page?.()) }
  const plan = await stages.measure('plan', () =>
    planPublish(release, content, { ...options, ...nameOptions(work), to }),
  )
  if (options.dryRun === true) return { plan, receipt: undefined }
  await ports.confirm?.(plan)
  const beforeRolling = image === undefined ? [] : ports.hooks(image)
  const publishing = { ...options, content, to, journal: ports.journal, beforeRolling }
  return { plan, receipt: await stages.measure('publish', () => publish(plan, publishing)) }
}

function nameOptions({ entry, image }: Work): NameOptions {
  return { yanked: entry.yanked, immutable: image?.immutable, rolling: image?.rolling }
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
