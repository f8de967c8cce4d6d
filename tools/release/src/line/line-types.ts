import type {
  Artifact,
  CachePlace,
  ContextOptions,
  Destination,
  Destinations,
  DueDecision,
  PublishPlan,
  Receipt,
  Release,
} from '@waybill/core'
import type { Base } from '@waybill/oci'
import type { AssembledImage } from '@waybill/image'
import type { Hook } from '@waybill/publish'
import type { ImageEntry } from '../definition/types.ts'
import type { PageContent, PageEntry } from './page.ts'
import type { Stages } from './stages.ts'

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
  /** Where what was compiled and assembled before is kept. @default the user's own cache */
  readonly cache?: CachePlace | undefined
  /** Takes nothing that was made before, of the compilers' own caches neither. @default false */
  readonly fresh?: boolean | undefined
  /** Makes an error of whatever an image may run beside its binary, and reads every layer to know; no cache is asked for an image then. @default false */
  readonly strict?: boolean | undefined
  /** Measures how long each stage takes. */
  readonly stages?: Stages | undefined
}

/** What became of a plan; no receipt after a dry run. */
export interface PublishedPlan {
  readonly plan: PublishPlan
  readonly receipt: Receipt | undefined
}

/** One image of a release, from its binaries to its receipt. */
export interface ReleasedImage extends PublishedPlan {
  readonly entry: ImageEntry
  readonly image: AssembledImage
}

/** Everything one component's release made. */
export interface ReleasedComponent {
  readonly decision: DueDecision
  readonly artifacts: readonly Artifact[]
  readonly images: readonly ReleasedImage[]
  /** Where the component has no image: its tag, and what else stands for its files alone. */
  readonly files?: PublishedPlan
}

/** Every plan of a component, with its receipt. */
export function publishedOf({ images, files }: ReleasedComponent): readonly PublishedPlan[] {
  return files === undefined ? images : [...images, files]
}
