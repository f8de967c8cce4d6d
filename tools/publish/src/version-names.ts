import compareBuild from 'semver/functions/compare-build.js'
import parse from 'semver/functions/parse.js'
import { WaybillError } from '@waybill/core'

/** A version, read; `text` is its canonical spelling, build metadata included. */
export interface Version {
  readonly text: string
  readonly major: number
  readonly minor: number
  readonly patch: number
  readonly prerelease: readonly (string | number)[]
}

/** Reads a version of SemVer 2.0.0 spelled exactly so: no leading `v`, no leading zeros; undefined for anything else. */
export function readVersion(text: string): Version | undefined {
  const found = parse(text)
  if (found === null) return undefined
  const { major, minor, patch, prerelease, build, version } = found
  const whole = build.length === 0 ? version : `${version}+${build.join('.')}`
  return whole === text ? { text, major, minor, patch, prerelease } : undefined
}

/**
 * Reads a version that must be one.
 * @throws {ERR_INVALID_VERSION}
 */
export function parseVersion(text: string): Version {
  const version = readVersion(text)
  if (version !== undefined) return version
  throw new WaybillError('ERR_INVALID_VERSION', `Expected a semantic version, found "${text}"`, {
    hint: 'Write it as 1.2.3, 1.2.3-rc.1 or 1.2.3+build.5: no leading v, no leading zeros.',
    outcome: 'usage',
    details: { version: text },
  })
}

/** Orders versions; build metadata, of which SemVer says nothing, decides between otherwise equal ones, so that the order is total. */
export function compareVersions(a: Version, b: Version): number {
  return compareBuild(a.text, b.text)
}

// `+` is no character of a tag, and `_` none of a version: the mapping can be read back and meets no other version.
// OCI distribution-spec 1.1, "Pulling manifests"; SemVer 2.0.0 clauses 9 and 10.

/** A version as part of a tag. */
export function encodeVersion(version: string): string {
  return version.replace('+', '_')
}

/** What stands around the version in a name. */
export interface Shape {
  readonly prefix: string
  readonly suffix: string
}

/** The versions among names of a shape, each once, ascending; every other name is somebody else's. */
export function versionsOf(names: Iterable<string>, shape: Shape): readonly Version[] {
  const found = new Map<string, Version>()
  for (const name of names) {
    const version = versionOf(name, shape)
    if (version !== undefined) found.set(version.text, version)
  }
  return [...found.values()].toSorted(compareVersions)
}

/** The version a name stands for, or undefined when it stands for none. */
export function versionOf(name: string, { prefix, suffix }: Shape): Version | undefined {
  if (name.length < prefix.length + suffix.length) return undefined
  if (!name.startsWith(prefix) || !name.endsWith(suffix)) return undefined
  const inner = name.slice(prefix.length, name.length - suffix.length)
  return readVersion(inner.replace('_', '+'))
}

/** A version made to be thrown away: `0.4.3-snapshot.1a2b3c4`, or any prerelease of 0.0.0 (as changesets makes them). */
export function isSnapshot(version: Version): boolean {
  const { major, minor, patch, prerelease } = version
  if (prerelease.length === 0) return false
  return prerelease[0] === 'snapshot' || (major === 0 && minor === 0 && patch === 0)
}
