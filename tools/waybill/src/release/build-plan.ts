import { resolve } from 'node:path'
import { createContext, type Artifact, type ContextOptions, type ReleasePlan } from '@waybill/core'
import { joinCells } from '@waybill/compile'
import type { Definition } from '../definition/types.ts'
import { warnUnlessClean } from './assert-clean.ts'
import { buildComponent } from './build.ts'
import type { CellBuild } from './cell.ts'
import { mergeArtifacts, readDist, writeDist } from './dist.ts'

/** Builds what a plan wants, or one cell of it, and writes down what the output folder holds then. */
export async function buildPlan(
  definition: Definition,
  plan: ReleasePlan,
  options: ContextOptions & { readonly only: CellBuild },
): Promise<Artifact[]> {
  const { only, ...context } = options
  const { out } = createContext(context)
  await warnUnlessClean(context)
  const releases = plan.releases.filter(
    ({ component }) => (only.component ?? component) === component,
  )
  const built = await Promise.all(
    releases.map((release) => buildComponent(definition, release, { ...context, ...only })),
  )
  const artifacts = built.flat()
  const before = await readDist(out).catch(() => undefined)
  const commits = new Set(plan.releases.map(({ commit }) => commit))
  // What another commit left there is no part of this release.
  const kept =
    before?.releases.every(({ commit }) => commits.has(commit)) === true ? before.artifacts : []
  await writeDist(out, {
    schemaVersion: 1,
    releases: plan.releases,
    artifacts: mergeArtifacts(kept, artifacts),
  })
  return artifacts
}

/** Collects what the cells of a plan's matrix built elsewhere, each in a folder of its own. */
export async function joinPlan(
  folder: string,
  plan: ReleasePlan,
  options: ContextOptions = {},
): Promise<Artifact[]> {
  const { cwd, out } = createContext(options)
  const artifacts = await joinCells(resolve(cwd, folder), {
    ...options,
    releases: plan.releases,
    matrix: plan.matrix,
  })
  await writeDist(out, { schemaVersion: 1, releases: plan.releases, artifacts })
  return [...artifacts]
}
