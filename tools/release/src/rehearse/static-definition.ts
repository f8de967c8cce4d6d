import type { ComponentEntry, Definition } from '../definition/types.ts'
import { staticBuild } from '../line/toolchain.ts'

/** The same definition with every binary built statically; bases are the caller's to choose. */
export function staticDefinition(definition: Definition): Definition {
  const components = Object.entries(definition.components).map(
    ([name, entry]): [string, ComponentEntry] => {
      const { builds } = entry
      return [name, builds === undefined ? entry : { ...entry, builds: builds.map(staticBuild) }]
    },
  )
  return { ...definition, components: Object.fromEntries(components) }
}
