import { isWaybillError, type Destinations } from '@waybill/core'
import { destination, type RepositoryOptions } from '@waybill/registry'
import { startRegistry, type TestRegistry } from '@waybill/testkit'
import type { Definition, ImageEntry } from '../definition/types.ts'
import { gitDestination, normal } from '../release/destinations.ts'
import { readPorts, writePorts, type RehearsalState } from './state.ts'

/** Registries on loopback, one in place of each that the definition names. */
export interface RehearsalRegistries {
  destinations(image: ImageEntry, options: RepositoryOptions): Destinations
  close(): Promise<void>
}

/** Starts the registries, on disk in the state folder and on the ports they had before where these are free. */
export async function startRegistries(
  definition: Definition,
  state: RehearsalState,
): Promise<RehearsalRegistries> {
  const ports = await readPorts(state)
  const running: [string, string, TestRegistry][] = []
  for (const [name, entry] of Object.entries(definition.registries ?? {})) {
    const registry = await startOn(ports[name], state.registry(name))
    running.push([name, namespaceOf(normal(entry).at), registry])
  }
  await writePorts(
    state,
    Object.fromEntries(
      running.map(([name, , { address }]) => [name, Number(address.split(':').at(-1))]),
    ),
  )
  return {
    destinations: (image, options) =>
      Object.fromEntries([
        ...running.map(
          ([name, namespace, { address }]) =>
            [
              name,
              destination([address, ...namespace, image.repository].join('/'), options),
            ] as const,
        ),
        ...(definition.git === undefined ? [] : gitDestination(state.git, options)),
      ]),
    close: async () => {
      await Promise.all(running.map(([, , registry]) => registry.close()))
    },
  }
}

async function startOn(port: number | undefined, root: string): Promise<TestRegistry> {
  try {
    return await startRegistry({ root, listen: `127.0.0.1:${port ?? 0}` })
  } catch (error) {
    if (port === undefined || !isWaybillError(error, 'ERR_PORT_IN_USE')) throw error
    return startRegistry({ root, listen: '127.0.0.1:0' })
  }
}

// ghcr.io/acme becomes acme: the host is the rehearsal's own.
const namespaceOf = (at: string): string[] => at.split('/').slice(1)
