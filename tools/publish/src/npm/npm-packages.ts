import { createContext, plainCopy, type Destination, type Destinations } from '@waybill/core'
import { parseVersion } from '../version-names.ts'
import { restore, tag } from './dist-tag.ts'
import { digestOfIntegrity, npmAt } from './npm.ts'
import { readPackument } from './packument.ts'
import { observe, type NpmPackagesOptions, type PackedPackage, type Registry } from './place.ts'
import { preflight } from './preflight.ts'
import { packedFile } from './packed-file.ts'
import { publishFile } from './publish-file.ts'

/**
 * Packages at an npm registry as destinations, each named `npm:<package>`: the packed file under its version, which never changes, and the
 * dist-tag `latest`, which rolls. A version that stands with the same integrity is done; with another it is a conflict.
 * npm gives every version a dist-tag as it is published: that of its line (`line-1.4`, or a prerelease's word) until `latest` moves.
 * @throws {ERR_INVALID_DIGEST} {ERR_INVALID_VERSION}
 */
export function npmPackages(
  packages: readonly PackedPackage[],
  options: NpmPackagesOptions = {},
): Destinations {
  const context = createContext(options)
  const npm = npmAt(context, options.registry)
  let asked: Promise<unknown> | undefined
  const whoami = (signal?: AbortSignal): Promise<unknown> => (asked ??= npm.ask(['whoami'], signal))
  const registry = { npm, context, options, whoami }
  return Object.fromEntries(packages.map((packed) => [packed.name, packageAt(registry, packed)]))
}

function packageAt(registry: Registry, given: PackedPackage): Destination {
  const packed = plainCopy(given)
  const { name, version } = packed
  parseVersion(version)
  const digest = digestOfIntegrity(packed.integrity)
  const place = { ...registry, packed, digest, file: packedFile({ ...registry, packed, digest }) }
  return {
    name: `npm:${name}`,
    kind: 'npm',
    required: registry.options.required ?? true,
    rolling: ['latest'],
    wanted: () => digest,
    preflight: (signal) => preflight(place, signal),
    names: async (signal) => Object.keys((await readPackument(name, place, signal)).versions),
    observe: (at, signal) => observe(place, at, signal),
    put: async () => {
      await place.file()
      return { uploaded: 0, mounted: 0, present: 0, bytes: 0 }
    },
    check: () => Promise.resolve(),
    set: (at, _digest, { kind, rolling = [] }, signal) =>
      kind === 'rolling' ? tag(place, at, version, signal) : publishFile(place, rolling, signal),
    restore: (at, previous, signal) => restore(place, at, previous, signal),
  }
}
