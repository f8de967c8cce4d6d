import type { Context, Destination } from '@waybill/core'
import { startForge } from '@waybill/testkit'
import type { Definition } from '../definition/types.ts'
import { pageAt, type PageContent, type PageEntry } from '../line/page.ts'
import { portOf, startOn } from './start-on.ts'
import { readPorts, writePorts, type RehearsalState } from './state.ts'

/** A forge on loopback, in place of the one the definition names. */
export interface RehearsalForge {
  page(page: PageEntry, content: PageContent, options: Context): Destination
  close(): Promise<void>
}

// No registry can have this name in a definition.
const NAME = 'forge:github'

/** Starts the forge, on disk in the state folder; undefined where no component has a release page. */
export async function startRehearsalForge(
  definition: Definition,
  state: RehearsalState,
): Promise<RehearsalForge | undefined> {
  const components = Object.values(definition.components)
  if (components.every(({ release }) => release === undefined)) return undefined
  const ports = await readPorts(state)
  const forge = await startOn(ports[NAME], (listen) => startForge({ root: state.forge, listen }))
  await writePorts(state, { ...ports, [NAME]: portOf(forge) })
  return {
    page(page, content, options) {
      const repository = page.entry.repository ?? 'rehearsal/repository'
      return pageAt(repository, page, {
        ...options,
        ...content,
        api: forge.api,
        token: 'rehearsal',
      })
    },
    close: forge.close,
  }
}
