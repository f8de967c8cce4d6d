import { WaybillError, suggest, type Component } from '@waybill/core'
import type { ComponentEntry, Definition } from '../definition/types.ts'

/** The components of a definition, in its order. */
export function componentsOf(definition: Definition): Component[] {
  return Object.entries(definition.components).map(([name, entry]) => componentOf(name, entry))
}

function componentOf(name: string, entry: ComponentEntry): Component {
  const { path, tag, exclude } = entry
  return { name, path, tag, ...(exclude === undefined ? {} : { exclude }) }
}

/**
 * The definition's entry of a component.
 * @throws {ERR_UNKNOWN_COMPONENT} with the nearest name.
 */
export function componentEntry(definition: Definition, name: string): ComponentEntry {
  const entry = definition.components[name]
  if (entry !== undefined) return entry
  const known = Object.keys(definition.components)
  throw new WaybillError(
    'ERR_UNKNOWN_COMPONENT',
    `The definition has no component "${name}"; ${suggest(name, known)}`,
    {
      outcome: 'usage',
      hint: `The components are ${known.join(', ')}.`,
      details: { name, known },
    },
  )
}

/**
 * Where a component's files are built, relative to the output folder: the folder itself where only one component builds anything,
 * so that SHA256SUMS stands beside the archives people look for; else a folder each.
 */
export function outFolder(definition: Definition, name: string): string {
  const building = Object.values(definition.components).filter(
    (entry) => (entry.builds ?? []).length > 0,
  )
  return building.length > 1 ? name.replaceAll('/', '-') : '.'
}
