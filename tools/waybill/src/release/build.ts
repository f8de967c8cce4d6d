import { join, posix } from 'node:path'
import {
  createContext,
  inStep,
  type Artifact,
  type ContextOptions,
  type Release,
} from '@waybill/core'
import { compile } from '@waybill/compile'
import type { BuildEntry, Definition } from '../definition/types.ts'
import { bytes } from '../present/units.ts'
import { componentEntry, outFolder } from './components.ts'
import { toolchainOf } from './toolchain.ts'

export interface BuildOptions extends ContextOptions {
  /** Only these platforms. */
  readonly platforms?: readonly string[] | undefined
  /** Only this build's binary. */
  readonly binary?: string | undefined
}

/** Compiles every build of a component; artifact paths are relative to the output folder. */
export async function buildComponent(
  definition: Definition,
  release: Release,
  options: BuildOptions = {},
): Promise<Artifact[]> {
  const { builds = [] } = componentEntry(definition, release.component)
  const folder = outFolder(definition, release.component)
  const artifacts: Artifact[] = []
  for (const build of builds) {
    if (options.binary !== undefined && options.binary !== build.binary) continue
    artifacts.push(...(await runBuild(release, build, folder, options)))
  }
  return artifacts
}

async function runBuild(
  release: Release,
  build: BuildEntry,
  folder: string,
  options: BuildOptions,
): Promise<Artifact[]> {
  const context = createContext(options)
  const platforms = build.platforms.filter(
    (platform) => options.platforms?.includes(platform) ?? true,
  )
  if (platforms.length === 0) return []
  const title = `compile ${build.binary} for ${platforms.join(', ')}`
  const made = await inStep(
    context.progress,
    title,
    () =>
      compile(release, toolchainOf(build), {
        ...context,
        out: join(context.out, folder),
        platforms,
        ...(build.optional === true ? { optional: platforms } : {}),
      }),
    (binaries) => binaries.map(({ size }) => bytes(size)).join(', '),
  )
  return made.map((artifact) => ({
    ...artifact,
    component: release.component,
    path: posix.join(folder, artifact.path),
  }))
}
