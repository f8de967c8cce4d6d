import { WaybillError, suggest } from '@waybill/core'
import { matches } from '../workspace/expand-globs.ts'
import type { UnitGroups } from './engine.ts'
import type { Unit } from './units.ts'

/** Groups by the names of components or packages; `*` stands for any part of a name. */
export interface VersionGroups {
  /** Every member is released, with one version, when any is. */
  readonly fixed?: readonly (readonly string[])[] | undefined
  /** Members that are released at the same time get one version. */
  readonly linked?: readonly (readonly string[])[] | undefined
}

/**
 * The groups by component. Crates that inherit one workspace version are one fixed group, since there is one place for it.
 * @throws {ERR_UNKNOWN_COMPONENT} {ERR_GROUPS_OVERLAP}
 */
export function resolveGroups(groups: VersionGroups, units: readonly Unit[]): UnitGroups {
  const components = units.filter(({ decision }) => decision !== null)
  const named = (groups.fixed ?? []).map((names) => members(names, components))
  const linked = (groups.linked ?? []).map((names) => members(names, components))
  const fixed = joined([...named, ...inheriting(components)])
  const all = [...fixed, ...linked].flat()
  const twice = all.find((id, index) => all.indexOf(id) !== index)
  if (twice === undefined) return { fixed, linked }
  throw new WaybillError('ERR_GROUPS_OVERLAP', `${twice} is in two version groups`, {
    hint: 'A component moves with one group only: join the groups or take it out of one.',
    outcome: 'usage',
  })
}

function members(names: readonly string[], components: readonly Unit[]): readonly string[] {
  const found = names.flatMap((name) => {
    const hits = components.filter((unit) => isNamed(unit, name))
    if (hits.length > 0 || name.includes('*')) return hits.map(({ id }) => id)
    throw unknown(name, components)
  })
  return [...new Set(found)]
}

/** Whether a component, or a package in its folder, has this name. */
export function isNamed({ id, packages }: Unit, name: string): boolean {
  return [id, ...packages.map((one) => one.name)].some((own) => own === name || matches(own, name))
}

function unknown(name: string, components: readonly Unit[]): WaybillError {
  const names = components.flatMap(({ id, packages }) => [id, ...packages.map((one) => one.name)])
  return new WaybillError(
    'ERR_UNKNOWN_COMPONENT',
    `A version group names "${name}", which is no component; ${suggest(name, [...new Set(names)])}`,
    { outcome: 'usage' },
  )
}

function inheriting(components: readonly Unit[]): readonly (readonly string[])[] {
  const byFile = new Map<string, string[]>()
  for (const { id, packages } of components) {
    for (const { inheritsFrom } of packages) {
      if (inheritsFrom !== null) byFile.set(inheritsFrom, [...(byFile.get(inheritsFrom) ?? []), id])
    }
  }
  return [...byFile.values()].filter((ids) => ids.length > 1)
}

// Fixed groups that share a member are one.
function joined(groups: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const done: string[][] = []
  for (const group of groups) {
    const touching = done.filter((other) => other.some((id) => group.includes(id)))
    for (const other of touching) done.splice(done.indexOf(other), 1)
    done.push([...new Set([...touching.flat(), ...group])])
  }
  return done
}
