import { expandTemplate, type NamedDigest } from '@waybill/core'
import { rollingTemplates, scopeOf, shapeOf, type NameOptions } from './name-shape.ts'
import { countingVersions, namesLine, variablesOf } from './names.ts'
import { encodeVersion, versionOf, versionsOf, type Version } from './version-names.ts'

/** What stands at one destination: every name and its digest, as far as it belongs to releases. */
export type StandingNames = ReadonlyMap<string, NamedDigest>

/** A name of releases and what it should point at. */
export interface ExpectedName {
  readonly name: string
  readonly kind: 'immutable' | 'rolling'
  /** The version it stands for, or leads to. */
  readonly version?: string
  /** Undefined where the destinations disagree about an immutable name, or no version is left that a rolling one could lead to. */
  readonly digest: NamedDigest | undefined
  /** Whether it should be made where it is absent. A line that nobody has named yet is left so. */
  readonly inUse: boolean
}

/** Whether a name never moves: a whole version's, or a commit's. */
export function isImmutableName(name: string, options: NameOptions): boolean {
  if (versionOf(name, shapeOf(options)) !== undefined) return true
  return /^sha-[0-9a-f]{7,}$/.test(name.slice(scopeOf(options.tagPrefix ?? '').length))
}

/** The names a rolling template has, given every counting version: each with the highest version of its line. */
export function rollingLines(
  names: Iterable<string>,
  options: NameOptions,
): ReadonlyMap<string, { readonly version: Version; readonly template: string }> {
  const lines = new Map<string, { readonly version: Version; readonly template: string }>()
  const versions = countingVersions(versionsOf(names, shapeOf(options)), options)
  for (const template of rollingTemplates(options)) {
    // Ascending: the highest comes last and stays.
    for (const version of versions) {
      if (!namesLine(template, version, options)) continue
      const name = expandTemplate(template, variablesOf(version, options), 'a rolling name')
      lines.set(name, { version, template })
    }
  }
  return lines
}

/**
 * Says what every name of releases should point at, given what stands at each destination. An immutable name: what it points at
 * wherever it stands; a rolling one: the highest version of its line that is not yanked. `phantoms` are listed and lead nowhere.
 */
export function expectNames(
  standings: readonly StandingNames[],
  options: NameOptions,
  phantoms: readonly string[] = [],
): readonly ExpectedName[] {
  const there = new Set(standings.flatMap((standing) => [...standing.keys()]))
  // A version that is listed counts, though nobody knows what it was: no lower one takes its rolling names.
  const all = new Set([...there, ...phantoms.filter((name) => isImmutableName(name, options))])
  const immutable = [...there]
    .filter((name) => isImmutableName(name, options))
    .map((name) => expectImmutable(name, standings, options))
  const digests = new Map(immutable.map(({ name, digest }) => [name, digest]))
  const { prefix, suffix } = shapeOf(options)
  const lines = rollingLines(all, options)
  const rolling = [...lines].map(([name, { version, template }]): ExpectedName => {
    const digest = digests.get(`${prefix}${encodeVersion(version.text)}${suffix}`)
    const inUse = options.rolling !== undefined || isUsed(template, all, lines)
    return { name, kind: 'rolling', version: version.text, digest, inUse }
  })
  return [...immutable, ...rolling, ...withoutVersion(all, lines, options)]
}

function expectImmutable(
  name: string,
  standings: readonly StandingNames[],
  options: NameOptions,
): ExpectedName {
  const found = standings.flatMap((standing) => standing.get(name) ?? [])
  const digest = new Set(found).size === 1 ? found[0] : undefined
  const version = versionOf(name, shapeOf(options))?.text
  const named = version === undefined ? {} : { version }
  return { name, kind: 'immutable', ...named, digest, inUse: true }
}

type Lines = ReturnType<typeof rollingLines>

function isUsed(template: string, all: ReadonlySet<string>, lines: Lines): boolean {
  return [...lines].some(([name, line]) => line.template === template && all.has(name))
}

/** Every rolling name that some version among the names could have, whether or not it counts. */
export function possibleRolling(
  names: Iterable<string>,
  options: NameOptions,
): ReadonlySet<string> {
  const possible = versionsOf(names, shapeOf(options)).flatMap((version) =>
    rollingTemplates(options)
      .filter((template) => namesLine(template, version, options))
      .map((template) => expandTemplate(template, variablesOf(version, options), 'a rolling name')),
  )
  return new Set(possible)
}

/** Rolling names that stand though every version they could lead to is a prerelease or yanked. */
function withoutVersion(
  all: ReadonlySet<string>,
  lines: Lines,
  options: NameOptions,
): readonly ExpectedName[] {
  return [...possibleRolling(all, options)]
    .filter((name) => all.has(name) && !lines.has(name))
    .map((name) => ({ name, kind: 'rolling', digest: undefined, inUse: true }))
}
