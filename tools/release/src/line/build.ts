import { join, posix } from 'node:path'
import {
  createContext,
  type Artifact,
  type CachePlace,
  type ContextOptions,
  type Release,
} from '@waybill/core'
import { compile } from '@waybill/compile'
import type { BuildEntry, Definition } from '../definition/types.ts'
import { componentEntry, outFolder } from './components.ts'
import { toolchainOf } from './toolchain.ts'

export interface BuildOptions extends ContextOptions {
  /** Where results are kept. @default `compile` in the user's own cache */
  readonly cache?: CachePlace | undefined
  /** Takes nothing that was made before, of the compilers' own caches neither. @default false */
  readonly fresh?: boolean | undefined
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
  const made = await compile(release, toolchainOf(build), {
    ...context,
    out: join(context.out, folder),
    platforms,
    cache: options.cache,
    fresh: options.fresh,
    optional: build.optional,
  })
  return made.map((artifact) => ({
    ...artifact,
    component: release.component,
    path: posix.join(folder, artifact.path),
  }))
}
