import { WaybillError, type Bump, type Decision } from '@waybill/core'
import { tagOf } from '@waybill/gate'
import semver from 'semver'
import type { PlannedRelease, VersionReason } from '../types.ts'
import {
  planWithEngine,
  isCause,
  type Demand,
  type EngineRelease,
  type UnitGroups,
} from '../units/engine.ts'
import { admits, type Unit } from '../units/units.ts'

export interface PlanReleasesInput {
  readonly units: readonly Unit[]
  readonly demands: readonly Demand[]
  readonly reasons: ReadonlyMap<string, readonly VersionReason[]>
  readonly groups: UnitGroups
  readonly always: boolean
  /** The last touch on each version: a prerelease's counter, build metadata. */
  readonly finish: (to: string, members: readonly Decision[]) => string
}

/** The releases, and the folders of packages whose ranges follow although they are not released. */
export interface PlannedReleases {
  readonly releases: readonly PlannedRelease[]
  readonly following: readonly string[]
}

/** Computes the releases: what is asked for, what follows from it, and why each. Pure but for loading the engine. */
export async function planReleases(input: PlanReleasesInput): Promise<PlannedReleases> {
  const { units, demands, groups, always } = input
  const decided = (releases: readonly EngineRelease[]): ReadonlyMap<string, string> =>
    finished(releases, givenVersions(units, releases, groups), input)
  const { releases, following } = await planWithEngine(units, demands, { groups, always, decided })
  const planned = units.flatMap((unit) => {
    const release = releases.find((one) => one.unit === unit.id)
    return release === undefined || unit.decision === null
      ? []
      : [plannedRelease({ unit, decision: unit.decision, release, releases }, input)]
  })
  const followers = units.filter(({ id }) => following.includes(id))
  const folders = followers.flatMap(({ packages }) => packages.map(({ path }) => path))
  return { releases: planned, following: folders }
}

// Members of a fixed group get one version; where one is given, all get it.
function givenVersions(
  units: readonly Unit[],
  releases: readonly EngineRelease[],
  groups: UnitGroups,
): ReadonlyMap<string, string> {
  const given = new Map<string, string>()
  const releasing = units.filter(({ id }) => releases.some(({ unit }) => unit === id))
  for (const unit of releasing) {
    const members = membersOf(unit.id, releasing, groups)
    const version = orderedVersion(members) ?? firstVersion(members)
    if (version !== undefined) given.set(unit.id, version)
  }
  return given
}

function orderedVersion(members: readonly Unit[]): string | undefined {
  const ordered = members.flatMap(({ decision }) => {
    if (decision?.status !== 'due') return []
    const { releaseAs, resumed, release, last, bump } = decision
    const computed = last !== null && semver.inc(last.version, bump as 'patch') === release.version
    return releaseAs !== null || resumed || (last !== null && !computed) ? [release.version] : []
  })
  const [first, ...others] = [...new Set(ordered)]
  if (others.length === 0) return first
  throw new WaybillError(
    'ERR_VERSION_CONFLICT',
    `${members.map(({ id }) => id).join(', ')} move together, but are ordered as ${[first, ...others].join(' and ')}`,
    { hint: 'Order one version for all of them with Release-As.' },
  )
}

// A first release starts where its decision says, or where a manifest is ahead of that already, unless it joins a group that has versions.
function firstVersion(members: readonly Unit[]): string | undefined {
  if (members.some(({ decision }) => decision?.last !== null)) return undefined
  const versions = members.flatMap(({ decision, version }) =>
    decision?.status === 'due' ? [decision.release.version, semver.coerce(version)!.version] : [],
  )
  return versions.toSorted(semver.rcompare)[0]
}

function finished(
  releases: readonly EngineRelease[],
  given: ReadonlyMap<string, string>,
  { units, groups, finish }: PlanReleasesInput,
): ReadonlyMap<string, string> {
  const releasing = units.filter(({ id }) => releases.some(({ unit }) => unit === id))
  return new Map(
    releases.map(({ unit, to }) => {
      const members = membersOf(unit, releasing, groups).flatMap(({ decision }) => decision ?? [])
      return [unit, finish(given.get(unit) ?? to, members)]
    }),
  )
}

/** The units that get one version with this one, itself among them. */
function membersOf(id: string, units: readonly Unit[], groups: UnitGroups): readonly Unit[] {
  const group = [...groups.fixed, ...groups.linked].find((ids) => ids.includes(id))
  return units.filter((unit) => unit.id === id || group?.includes(unit.id) === true)
}

interface Step {
  readonly unit: Unit
  readonly decision: Decision
  readonly release: EngineRelease
  readonly releases: readonly EngineRelease[]
}

function plannedRelease(step: Step, input: PlanReleasesInput): PlannedRelease {
  const { unit, decision, release, releases } = step
  const { component, last } = decision
  const own = input.reasons.get(unit.id) ?? []
  const others = [
    ...dependencyReasons(unit, releases, input.always),
    ...groupReasons(unit, releases, input.groups),
  ]
  return {
    component: component.name,
    path: component.path,
    from:
      last?.version ??
      unit.packages.map(({ version }) => version).find((one) => one !== null) ??
      null,
    to: release.to,
    tag: tagOf(component, release.to),
    previousTag: last?.tag ?? null,
    date: null,
    bump: shownBump(decision, release),
    reasons: [...own, ...others],
    changes: [],
  }
}

// An ordered version says itself how far it goes; a prerelease that is finished goes as far as what it prepared.
function shownBump(decision: Decision, { from, to, bump }: EngineRelease): Bump {
  if (decision.status === 'due' && decision.releaseAs !== null) return decision.bump
  if (semver.prerelease(from) === null || semver.prerelease(to) !== null) return bump
  const difference = semver.diff(from, to)
  return difference === 'major' || difference === 'minor' ? difference : bump
}

function dependencyReasons(
  unit: Unit,
  releases: readonly EngineRelease[],
  always: boolean,
): readonly VersionReason[] {
  const needs = [...unit.dependencies, ...unit.outside]
  return releases.flatMap((release): VersionReason[] => {
    const { unit: id, to } = release
    const need = needs.find((one) => one.id === id && one.kind !== 'devDependencies')
    const gone = isCause(unit, release)
    if (need === undefined || !(gone || (always && unit.dependencies.includes(need)))) return []
    const fits = admits(need.range, to)
    const reason =
      gone && !fits
        ? `needs ${id} ${need.range}, which ${to} leaves`
        : `needs ${id}, which is released as ${to}`
    return [{ kind: 'dependency', bump: 'patch', reason, component: id }]
  })
}

function groupReasons(
  unit: Unit,
  releases: readonly EngineRelease[],
  { fixed, linked }: UnitGroups,
): readonly VersionReason[] {
  const inFixed = fixed.find((ids) => ids.includes(unit.id))
  const group = inFixed ?? linked.find((ids) => ids.includes(unit.id)) ?? []
  const word = inFixed === undefined ? 'linked' : 'fixed'
  return releases
    .filter((release) => release.unit !== unit.id && group.includes(release.unit))
    .map(({ unit: other, bump, to }) => ({
      kind: 'group',
      bump,
      reason: `shares ${to} with ${other}, in a ${word} group`,
      component: other,
    }))
}
