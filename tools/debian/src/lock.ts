import { WaybillError } from '@waybill/core'
import { isPlainFilename } from './packages-index.ts'
import { SUITES, type ArchivePart, type DebianSuite } from './suites.ts'

/** A package file, wherever it is served from. */
export interface PackagePin {
  readonly version: string
  /** Below the archive's folder: `pool/main/g/glibc/…`. */
  readonly filename: string
  /** Bytes. */
  readonly size: number
  readonly sha256: string
}

/** The packages a base is made of; plain JSON that names no mirror, so that any serves it. */
export interface DebianLock {
  readonly schemaVersion: 1
  readonly suite: DebianSuite
  /** When the Release files were made that the pins come from (ISO 8601, UTC). The next lock takes no older ones. */
  readonly released?: Readonly<Partial<Record<ArchivePart, string>>>
  /** Nobody's signature was checked, because someone asked for that. */
  readonly unauthenticated?: true
  /** By package, then by Debian's name of the architecture (`amd64`, `arm64` …, `all`). */
  readonly packages: Readonly<Record<string, Readonly<Record<string, PackagePin>>>>
}

/** The pin of a package for an architecture. @throws {ERR_LOCK_INCOMPLETE} {ERR_INVALID_LOCK} */
export function pinOf(lock: DebianLock, name: string, architecture: string): PackagePin {
  const pins = Object.hasOwn(lock.packages, name) ? lock.packages[name] : undefined
  const pin = pins?.[architecture] ?? pins?.['all']
  if (pin === undefined) {
    throw new WaybillError(
      'ERR_LOCK_INCOMPLETE',
      `The lock has no package ${name} for ${architecture} (Debian ${lock.suite})`,
      { hint: 'Run `waybill lock` to pin it.', details: { package: name, architecture } },
    )
  }
  if (isPlainFilename(pin.filename) && /^[0-9a-f]{64}$/.test(pin.sha256) && pin.size > 0) return pin
  throw new WaybillError(
    'ERR_INVALID_LOCK',
    `The lock's pin of ${name} for ${architecture} is damaged`,
    {
      hint: 'Run `waybill lock` to write it anew.',
      details: { package: name, architecture },
    },
  )
}

/** The suite of a lock, which must be the one that is asked for. @throws {ERR_INVALID_LOCK} {ERR_LOCK_INCOMPLETE} */
export function checkSuite(lock: DebianLock, wanted: DebianSuite | undefined): DebianSuite {
  const { schemaVersion, suite } = lock
  if (schemaVersion !== 1 || !Object.hasOwn(SUITES, suite) || typeof lock.packages !== 'object') {
    throw new WaybillError('ERR_INVALID_LOCK', 'Expected a lock of Debian packages, version 1', {
      hint: 'Run `waybill lock` to write it anew.',
    })
  }
  if (wanted === undefined || wanted === suite) return suite
  throw new WaybillError('ERR_LOCK_INCOMPLETE', `The lock is of Debian ${suite}, not ${wanted}`, {
    hint: 'Run `waybill lock` to pin the packages of that release.',
    details: { suite, wanted },
  })
}

/** The part of a lock that one base needs, in a fixed order. @throws {ERR_LOCK_INCOMPLETE} {ERR_INVALID_LOCK} */
export function trimLock(
  lock: DebianLock,
  names: readonly string[],
  architectures: readonly string[],
): DebianLock {
  const packages: Record<string, Record<string, PackagePin>> = {}
  for (const name of names) {
    const pins: Record<string, PackagePin> = {}
    for (const architecture of architectures) {
      const { version, filename, size, sha256 } = pinOf(lock, name, architecture)
      const key = lock.packages[name]?.[architecture] === undefined ? 'all' : architecture
      pins[key] = { version, filename, size, sha256 }
    }
    packages[name] = pins
  }
  const { suite, released, unauthenticated } = lock
  return {
    schemaVersion: 1,
    suite,
    ...(released === undefined ? {} : { released }),
    ...(unauthenticated === undefined ? {} : { unauthenticated }),
    packages,
  }
}
