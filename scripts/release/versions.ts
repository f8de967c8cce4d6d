import type { Component, Decision, Release, Toolbox } from 'waybill'
import { readWorkspace, releasesOf, type VersionPlan } from '@waybill/version'

/** What Waybill releases: all of its packages and the actions, under one version and one tag. */
export interface Versions {
  readonly decisions: readonly Decision[]
  readonly plan: VersionPlan
  /** Undefined where nothing is to be released. */
  readonly release: Release | undefined
}

const TAG = 'v{version}'

/** Decides every package by its commits and changesets; the fixed group of the changesets gives them one version. */
export async function planOwnVersions(wb: Toolbox): Promise<Versions> {
  const ranges = await wb.readAllCommits(await ownComponents(wb))
  const decisions = ranges.map((range) => wb.decide(range))
  const plan = await wb.planVersions(decisions, { changelog: 'always' })
  const [range] = ranges
  const [first] = releasesOf(plan, range!.head)
  const release = first && { ...first, component: 'waybill', path: '.' }
  return { decisions, plan, release }
}

async function ownComponents({ context }: Toolbox): Promise<Component[]> {
  const { packages } = await readWorkspace(context)
  return packages
    .filter(({ path }) => path.startsWith('tools/') || path === 'actions')
    .map(({ name, path }) => ({ name, path, tag: TAG }))
}
