import type { Destination, Destinations } from '@waybill/core'
import { destination, type RepositoryOptions } from '@waybill/registry'
import { startRegistry, type TestRegistry } from '@waybill/testkit'
import type { Definition, ImageEntry } from '../definition/types.ts'
import { gitDestination, normal } from '../line/destinations.ts'
import { portOf, startOn } from './start-on.ts'
import { readPorts, writePorts, type RehearsalState } from './state.ts'

/** Registries on loopback, one in place of each that the definition names. */
export interface RehearsalRegistries {
  destinations(image: ImageEntry | undefined, options: RepositoryOptions): Destinations
  close(): Promise<void>
}

/** Starts the registries, on disk in the state folder and on the ports they had before where these are free. */
export async function startRegistries(
  definition: Definition,
  state: RehearsalState,
): Promise<RehearsalRegistries> {
  const ports = await readPorts(state)
  const running: Running[] = []
  for (const [name, entry] of Object.entries(definition.registries ?? {})) {
    const root = state.registry(name)
    const registry = await startOn(ports[name], (listen) => startRegistry({ root, listen }))
    running.push({ name, registry, namespace: namespaceOf(normal(entry).at) })
  }
  const used = running.map(({ name, registry }) => [name, portOf(registry)] as const)
  await writePorts(state, { ...ports, ...Object.fromEntries(used) })
  return {
    destinations: (image, options) => {
      const oci = running.flatMap(({ name, registry, namespace }): [string, Destination][] => {
        if (image === undefined) return []
        const reference = [registry.address, ...namespace, image.repository].join('/')
        return [[name, destination(reference, options)]]
      })
      const remote = definition.git === undefined ? undefined : state.git
      return Object.fromEntries([...oci, ...gitDestination(remote, options)])
    },
    close: async () => {
      await Promise.all(running.map(({ registry }) => registry.close()))
    },
  }
}

interface Running {
  readonly name: string
  readonly registry: TestRegistry
  /** What stands behind the host in the definition: `acme`. */
  readonly namespace: readonly string[]
}

// ghcr.io/acme becomes acme: the host is the rehearsal's own.
const namespaceOf = (at: string): string[] => at.split('/').slice(1)
