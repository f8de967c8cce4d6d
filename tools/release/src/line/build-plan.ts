import { resolve } from 'node:path'
import {
  createContext,
  digestOfJson,
  withFileLocks,
  type Artifact,
  type ContextOptions,
  type ReleasePlan,
} from '@waybill/core'
import { joinCells, readBuildRecord, type BuildRecord } from '@waybill/compile'
import type { Definition } from '../definition/types.ts'
import { warnUnlessClean } from './assert-clean.ts'
import { assertUntracked } from './assert-untracked.ts'
import { buildComponent } from './build.ts'
import type { CellBuild } from './cell.ts'
import { isOwnDist, mergeArtifacts, writeDist } from './dist.ts'
import { assertOwnFolders } from './own-folders.ts'

/** Builds what a plan wants, or one cell of it, and writes down what the output folder holds then. */
export async function buildPlan(
  definition: Definition,
  plan: ReleasePlan,
  options: ContextOptions & { readonly only: CellBuild; readonly fresh?: boolean | undefined },
): Promise<Artifact[]> {
  const { only, ...context } = options
  await assertOwnFolders(createContext(context))
  await assertUntracked({ ...context, definition })
  await warnUnlessClean(context)
  const releases = plan.releases.filter(
    ({ component }) => (only.component ?? component) === component,
  )
  const built = await Promise.all(
    releases.map((release) => buildComponent(definition, release, { ...context, ...only })),
  )
  const artifacts = built.flat()
  await addToDist({ definition, plan, artifacts }, context)
  return artifacts
}

interface Made {
  readonly definition: Definition
  readonly plan: ReleasePlan
  readonly artifacts: readonly Artifact[]
}

// Several builds may fill one folder at the same time, a cell each: none may forget what another has written down meanwhile.
function addToDist({ definition, plan, artifacts }: Made, options: ContextOptions): Promise<void> {
  const { out, signal } = createContext(options)
  const lock = { purpose: `writing what ${out} holds`, signal }
  return withFileLocks([`dist:${out}`], lock, async () => {
    const digest = digestOfJson(definition)
    // What cannot be read is built again, like everything of another commit or definition, and what somebody else wrote there.
    const before = await readBuildRecord(out).catch(() => undefined)
    const isKept = before !== undefined && isSame(before, plan, digest)
    const kept = isKept && (await isOwnDist(out, options)) ? before : undefined
    const components = new Set(plan.releases.map(({ component }) => component))
    const made: BuildRecord = {
      schemaVersion: 1,
      definition: digest,
      releases: [
        ...(kept?.releases.filter(({ component }) => !components.has(component)) ?? []),
        ...plan.releases,
      ],
      artifacts: mergeArtifacts(kept?.artifacts ?? [], artifacts),
    }
    await writeDist(out, made, options)
  })
}

function isSame(before: BuildRecord, plan: ReleasePlan, definition: string): boolean {
  const commits = new Set(plan.releases.map(({ commit }) => commit))
  return (
    before.definition === definition && before.releases.every(({ commit }) => commits.has(commit))
  )
}

/** Collects what the cells of a plan's matrix built elsewhere, each in a folder of its own. */
export async function joinPlan(
  folder: string,
  plan: ReleasePlan,
  options: ContextOptions & { readonly definition: Definition },
): Promise<Artifact[]> {
  const { cwd, out } = createContext(options)
  await assertOwnFolders({ cwd, out })
  await assertUntracked(options)
  const definition = digestOfJson(options.definition)
  const { releases, matrix } = plan
  const parts = { ...options, releases, matrix, definition }
  const artifacts = await joinCells(resolve(cwd, folder), parts)
  await writeDist(out, { schemaVersion: 1, definition, releases, artifacts }, options)
  return [...artifacts]
}
