import type { Bump } from '@waybill/core'
import semver from 'semver'
import { admits, type Unit, type UnitDependency } from './units.ts'

/** What asks for a unit's release: its commits or a changeset. */
export interface Demand {
  readonly id: string
  readonly releases: readonly { readonly unit: string; readonly bump: Bump }[]
}

/** Units that move together. Fixed: any release is everyone's; linked: those that are released share a version. */
export interface UnitGroups {
  readonly fixed: readonly (readonly string[])[]
  readonly linked: readonly (readonly string[])[]
}

export interface EngineOptions {
  readonly groups: UnitGroups
  /** Bump dependents whenever what they need is released, not only when it leaves their range. */
  readonly always: boolean
  /** Versions that are given, not computed: Release-As, first releases, prereleases. */
  readonly decided: (releases: readonly EngineRelease[]) => ReadonlyMap<string, string>
}

/** One unit's step. */
export interface EngineRelease {
  readonly unit: string
  readonly bump: Bump
  readonly from: string
  readonly to: string
}

/** What the engine makes of demands. */
export interface EnginePlan {
  readonly releases: readonly EngineRelease[]
  /** Units that are not released, but whose manifests follow: their development dependencies moved, or they are no component. */
  readonly following: readonly string[]
}

type Assemble = typeof import('@changesets/assemble-release-plan').assembleReleasePlan
type EngineConfig = Parameters<Assemble>[2]
type EnginePackages = Parameters<Assemble>[1]

/** Computes every release that demands lead to, dependents and groups included, with changesets' own engine. */
export async function planWithEngine(
  units: readonly Unit[],
  demands: readonly Demand[],
  options: EngineOptions,
): Promise<EnginePlan> {
  const { assembleReleasePlan } = await import('@changesets/assemble-release-plan')
  const packages = packagesOf(units)
  const config = configOf(units, options)
  const asked = [...demands]
  for (;;) {
    const changesets = asked.map(({ id, releases }) => ({
      id,
      summary: '',
      releases: releases.map(({ unit, bump }) => ({ name: unit, type: bump })),
    }))
    const plan = assembleReleasePlan(changesets, packages, config, undefined)
    const releases = settle(plan.releases, options)
    // The engine reckons with the version a bump leads to; one that is given may leave more ranges.
    const left = units.filter((unit) => isLeft(unit, releases)).map(({ id }) => id)
    if (left.length === 0) {
      const untouched = plan.releases.filter(({ type }) => type === 'none')
      return { releases, following: untouched.map(({ name }) => name) }
    }
    asked.push({
      id: `left ${asked.length}`,
      releases: left.map((unit) => ({ unit, bump: 'patch' })),
    })
  }
}

function packagesOf(units: readonly Unit[]): EnginePackages {
  const packages = units.map(({ id, version, dependencies }) => {
    const lists: Record<string, Record<string, string>> = {}
    for (const { id: name, kind, range } of dependencies) (lists[kind] ??= {})[name] = range
    return { dir: `/${id}`, packageJson: { name: id, version, ...lists } }
  })
  // The engine finds no dependents without a root; this one needs nothing.
  const rootPackage = { dir: '/', packageJson: { name: '/', version: '0.0.0' } }
  return { rootDir: '/', rootPackage, packages, tool: { type: 'root' } }
}

function configOf(units: readonly Unit[], { groups, always }: EngineOptions): EngineConfig {
  return {
    changelog: false,
    commit: false,
    fixed: groups.fixed,
    linked: groups.linked,
    access: 'restricted',
    baseBranch: 'main',
    changedFilePatterns: ['**'],
    format: false,
    privatePackages: { version: true, tag: true },
    updateInternalDependencies: 'patch',
    ignore: units.filter(({ decision }) => decision === null).map(({ id }) => id),
    snapshot: { useCalculatedVersion: false, prereleaseTemplate: null },
    ___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH: {
      onlyUpdatePeerDependentsWhenOutOfRange: false,
      updateInternalDependents: always ? 'always' : 'out-of-range',
    },
  }
}

function settle(
  planned: ReturnType<Assemble>['releases'],
  options: EngineOptions,
): readonly EngineRelease[] {
  const releases = planned
    .filter(({ type }) => type !== 'none')
    .map(({ name, type, oldVersion, newVersion }) => ({
      unit: name,
      bump: type,
      from: oldVersion ?? '0.0.0',
      to: newVersion ?? semver.inc(oldVersion ?? '0.0.0', type as 'patch')!,
    }))
  const decided = options.decided(releases)
  return releases.map((release) => ({ ...release, to: decided.get(release.unit) ?? release.to }))
}

function isLeft(unit: Unit, releases: readonly EngineRelease[]): boolean {
  if (unit.decision === null || releases.some((release) => release.unit === unit.id)) return false
  return releases.some((release) => isCause(unit, release))
}

/** Whether a release makes a unit follow: it leaves the range the unit asks for, or left it and the range was moved already. */
export function isCause(unit: Unit, release: EngineRelease): boolean {
  const concerns = ({ id, kind }: UnitDependency): boolean =>
    id === release.unit && kind !== 'devDependencies'
  const left = unit.dependencies.some((need) => concerns(need) && leaves(need.range, release))
  if (left || !unit.ahead) return left
  return unit.outside.some((need) => concerns(need) && admits(need.range, release.to))
}

/** Whether a release leaves a range; `workspace:*` asks for exactly the version before, `workspace:^` for what is compatible with it. */
export function leaves(range: string, { from, to }: Pick<EngineRelease, 'from' | 'to'>): boolean {
  const own = range.replace(/^workspace:/, '')
  if (own === range) return !admits(range, to)
  if (own === '*') return true
  return !semver.satisfies(to, own === '^' || own === '~' ? own + from : own)
}
