import { join, posix } from 'node:path'
import { archive } from '@waybill/archive'
import { createContext, type Artifact, type ContextOptions, type Release } from '@waybill/core'
import type { Definition } from '../definition/types.ts'
import { componentEntry, outFolder } from './components.ts'

/** Archives a component's binaries as its definition says, with SHA256SUMS; paths are relative to the output folder. */
export async function archiveComponent(
  definition: Definition,
  release: Release,
  binaries: readonly Artifact[],
  options: ContextOptions = {},
): Promise<Artifact[]> {
  const own = binaries.filter(
    ({ kind, component }) => kind === 'binary' && component === release.component,
  )
  if (own.length === 0) return []
  const context = createContext(options)
  const folder = outFolder(definition, release.component)
  const {
    formats = ['tar.gz'],
    name,
    files,
  } = componentEntry(definition, release.component).archives ?? {}
  const inFolder = own.map((artifact) => ({
    ...artifact,
    path: posix.relative(folder, artifact.path),
  }))
  const made = await archive(release, inFolder, {
    ...context,
    out: join(context.out, folder),
    formats,
    ...(name === undefined ? {} : { name }),
    ...(files === undefined ? {} : { files }),
  })
  return made.map((artifact) => ({
    ...artifact,
    component: release.component,
    path: posix.join(folder, artifact.path),
  }))
}
