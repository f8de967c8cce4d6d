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
  return units.map((unit) => ({ ...unit, dependencies: dependenciesOf(unit, units) }))
}

type Bare = Omit<Unit, 'dependencies'>

function currentVersion(decision: Decision | null, packages: readonly WorkspacePackage[]): string {
  const written = packages.map(({ version }) => semver.valid(version)).find((one) => one !== null)
  return decision?.last?.version ?? written ?? '0.0.0'
}

function dependenciesOf(unit: Bare, units: readonly Bare[]): readonly UnitDependency[] {
  const wanted = unit.packages.flatMap(({ dependencies }) => dependencies)
  return wanted.flatMap(({ path, kind, range }) =>
    units
      .filter((other) => other.id !== unit.id && other.packages.some((one) => one.path === path))
      .filter((other) => admits(range, other.version))
      .map(({ id }) => ({ id, kind, range })),
  )
}

/** Whether a range takes a version; `workspace:*`, `^` and `~` always take the code beside them. */
export function admits(range: string, version: string): boolean {
  const own = range.replace(/^workspace:/, '')
  if (own !== range && ['*', '^', '~'].includes(own)) return true
  return semver.satisfies(version, own)
}

/** Ranges that exclude the package that lies beside them: it is not what is used, so it moves nothing and is not rewritten. */
export function outsiders(units: readonly Unit[]): readonly Finding[] {
  return units.flatMap((unit) =>
    unit.packages.flatMap(({ manifest, dependencies }) =>
      dependencies.flatMap(({ name, path, range }): Finding[] => {
        const other = units.find(({ packages }) => packages.some((one) => one.path === path))
        if (other === undefined || other.id === unit.id || /^(?:file|link):/.test(range)) return []
        if (admits(range, other.version)) return []
        return [
          {
            code: 'dependency-elsewhere',
            level: 'note',
            message: `${manifest}: ${name} ${range} excludes the ${other.version} of this repository, so it is left as it is`,
            where: { path: manifest },
          },
        ]
      }),
    ),
  )
}
