import {
  WaybillError,
  openCache,
  type Artifact,
  type Destinations,
  type DueDecision,
  type Release,
} from '@waybill/core'
import { releasedFiles } from '@waybill/publish'
import type { ComponentEntry, Definition } from '../definition/types.ts'
import { archiveComponent } from './archive.ts'
import { buildComponent } from './build.ts'
import { componentEntry } from './components.ts'
import type { LineOptions, LinePorts, ReleasedComponent, ReleasedImage } from './line-types.ts'
import { releaseNotes } from './notes.ts'
import { publishProven, releaseImage, type Line } from './publish-line.ts'
import { createStages } from './stages.ts'

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
  const line = { ports, options }
  const binaries =
    ports.binaries?.(release) ??
    (await stages.measure('compile', async () => {
      const cache = (await openCache(options.cache, options))?.within('compile')
      return buildComponent(definition, release, { ...options, cache })
    }))
  await ports.check?.(release, binaries)
  const archives = await stages.measure('archive', () =>
    archiveComponent(definition, release, binaries, options),
  )
  const page = pageOf(definition, decision, { ...line, files: archives })
  const work = { release, entry, binaries, archives, stages }
  const released = { decision, artifacts: [...binaries, ...archives] }
  const images: ReleasedImage[] = []
  const { images: all = [] } = entry
  for (const image of all) {
    // One page for all images: it is published with the last of them.
    const own = image === all.at(-1) ? { image, page } : { image }
    images.push(await releaseImage({ ...work, ...own }, line))
  }
  if (images.length > 0) return { ...released, images }
  const files = await publishProven({ ...work, page }, releasedFiles(archives), line)
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

// Made when it is needed: its notes are written from the history.
function pageOf(
  definition: Definition,
  decision: DueDecision,
  { files, ports, options }: Line & { readonly files: readonly Artifact[] },
): (() => Promise<Destinations>) | undefined {
  const { release } = decision
  const { release: entry } = componentEntry(definition, release.component)
  if (entry === undefined || ports.page === undefined) return undefined
  return async () => {
    const notes = await releaseNotes(entry, decision, options)
    return { page: await ports.page!({ definition, entry }, { release, files, notes }) }
  }
}
