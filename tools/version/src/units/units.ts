import type { Decision, Finding } from '@waybill/core'
import semver from 'semver'
import type { DependencyKind, Workspace, WorkspacePackage } from '../workspace/types.ts'

/** What the engine versions: a component with the packages in its folder, or a package that is no component and is never released. */
export interface Unit {
  /** The component's name; for another package `./` and its folder. */
  readonly id: string
  readonly decision: Decision | null
  readonly packages: readonly WorkspacePackage[]
  /** The version released last, else what the manifest says, else 0.0.0. */
  readonly version: string
  readonly dependencies: readonly UnitDependency[]
  /** Needs whose range excludes what the other unit is now. */
  readonly outside: readonly UnitDependency[]
  /** The manifest is ahead of the last release: its next version was applied and has no tag yet. */
  readonly ahead: boolean
}

/** One unit's need of another. */
export interface UnitDependency {
  readonly id: string
  readonly kind: DependencyKind
  /** An npm range, or `workspace:` and one. */
  readonly range: string
}

/** Joins the components with the packages that lie in their folders. */
export function createUnits(decisions: readonly Decision[], workspace: Workspace): readonly Unit[] {
  const packagesAt = (path: string): readonly WorkspacePackage[] =>
    workspace.packages.filter((one) => one.path === path)
  const components = decisions.map((decision) => {
    const packages = packagesAt(decision.component.path)
    return {
      id: decision.component.name,
      decision,
      packages,
      version: currentVersion(decision, packages),
    }
  })
  const paths = new Set(decisions.map(({ component }) => component.path))
  const folders = [...new Set(workspace.packages.map(({ path }) => path))]
  const others = folders
    .filter((path) => !paths.has(path))
    .map((path) => {
      const packages = packagesAt(path)
      return { id: `./${path}`, decision: null, packages, version: currentVersion(null, packages) }
    })
  const units = [...components, ...others]
  return units.map((unit) => {
    const needs = needsOf(unit, units)
    const dependencies = needs.filter(({ fits }) => fits).map(({ need }) => need)
    const outside = needs.filter(({ fits }) => !fits).map(({ need }) => need)
    return { ...unit, dependencies, outside, ahead: isAhead(unit) }
  })
}

type Bare = Pick<Unit, 'id' | 'decision' | 'packages' | 'version'>

function isAhead({ decision, packages }: Bare): boolean {
  const last = decision?.last?.version
  if (last === undefined) return false
  return packages.some(({ version }) => semver.valid(version) !== null && semver.gt(version!, last))
}

function currentVersion(decision: Decision | null, packages: readonly WorkspacePackage[]): string {
  const written = packages.map(({ version }) => semver.valid(version)).find((one) => one !== null)
  return decision?.last?.version ?? written ?? '0.0.0'
}

interface Need {
  readonly need: UnitDependency
  readonly fits: boolean
}

function needsOf(unit: Bare, units: readonly Bare[]): readonly Need[] {
  const wanted = unit.packages.flatMap(({ dependencies }) => dependencies)
  return wanted.flatMap(({ path, kind, range }) =>
    units
      .filter((other) => other.id !== unit.id && other.packages.some((one) => one.path === path))
      .map(({ id, version }) => ({ need: { id, kind, range }, fits: admits(range, version) })),
  )
}

/** Whether a range takes a version; `workspace:*`, `^` and `~` always take the code beside them. */
export function admits(range: string, version: string): boolean {
  const own = range.replace(/^workspace:/, '')
  if (own !== range && ['*', '^', '~'].includes(own)) return true
  return semver.satisfies(version, own)
}

/** Needs that exclude what lies beside them, before and after: something else is used, so they move nothing and are not rewritten. */
export function outsiders(
  units: readonly Unit[],
  releases: readonly { readonly component: string; readonly to: string }[],
): readonly Finding[] {
  return units.flatMap(({ id, packages, outside }) =>
    outside
      .filter((need) => {
        const to = releases.find(({ component }) => component === need.id)?.to
        return !/^(?:file|link):/.test(need.range) && (to === undefined || !admits(need.range, to))
      })
      .map((need) => elsewhere(need, packages[0]?.manifest ?? id, units)),
  )
}

function elsewhere({ id, range }: UnitDependency, path: string, units: readonly Unit[]): Finding {
  const version = units.find((unit) => unit.id === id)!.version
  return {
    code: 'dependency-elsewhere',
    level: 'note',
    message: `${path}: ${id} ${range} excludes the ${version} of this repository, so it is left as it is`,
    where: { path },
  }
}
