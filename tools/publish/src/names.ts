import { checkTemplate, expandTemplate, WaybillError } from '@waybill/core'
import {
  assertChannel,
  assertCommit,
  assertImmutable,
  assertPrefix,
  assertRolling,
  assertUnique,
} from './name-rules.ts'
import {
  immutableTemplates,
  rollingTemplates,
  scopeOf,
  shapeOf,
  type NameOptions,
} from './name-shape.ts'
import {
  compareVersions,
  encodeVersion,
  isSnapshot,
  parseVersion,
  versionsOf,
  type Version,
} from './version-names.ts'

/** A rolling name that stays where it is, and the sentence why. */
export interface KeptName {
  readonly name: string
  readonly reason: string
  /** The higher version that holds it, where one does. */
  readonly by?: string
}

/** The names a version gets. */
export interface NamePlan {
  readonly immutable: readonly string[]
  readonly rolling: readonly string[]
  /** Rolling names that this version doesn't move. */
  readonly kept: readonly KeptName[]
}

const VARIABLES = ['version', 'major', 'minor', 'patch', 'sha7', 'sha', 'prefix', 'scope']

/**
 * Plans the names of a version, given every name that stands at any destination: by version order, never by time.
 * A prerelease moves no rolling name, a snapshot has only its own, a channel moves only itself.
 * @throws {ERR_INVALID_VERSION} {ERR_INVALID_NAME} {ERR_NAME_COLLISION} {ERR_UNKNOWN_VARIABLE}
 */
export function planNames(
  version: string,
  existing: Iterable<string>,
  options: NameOptions = {},
): NamePlan {
  const parsed = parseVersion(version)
  const variables = variablesOf(parsed, options)
  const shape = shapeOf(options)
  const scope = variables['scope']!
  const immutable = immutableNames(parsed, variables, options)
  const { rolling, kept } =
    options.channel === undefined
      ? rollingNames(parsed, versionsOf(existing, shape), { ...options, variables })
      : { rolling: [assertChannel(`${scope}${options.channel}`, { shape, scope })], kept: [] }
  for (const name of immutable) assertImmutable(name, parsed, { shape, scope })
  for (const name of rolling) assertRolling(name, { shape, scope })
  assertUnique([...immutable, ...rolling])
  return { immutable, rolling, kept }
}

export type Variables = Readonly<Record<string, string>>

/** What templates may use. */
export function variablesOf(version: Version, options: NameOptions): Variables {
  const prefix = assertPrefix(options.tagPrefix ?? '')
  const commit = assertCommit(options.commit)
  return {
    version: encodeVersion(version.text),
    major: `${version.major}`,
    minor: `${version.minor}`,
    patch: `${version.patch}`,
    prefix,
    scope: scopeOf(prefix),
    ...(commit === undefined ? {} : { sha: commit, sha7: commit.slice(0, 7) }),
  }
}

// A name that other versions of the line would get as well can't be one that never changes.
function assertOwn(template: string): string {
  if (/\{(?:version|patch|sha7?)\}/.test(template)) return template
  throw new WaybillError(
    'ERR_NAME_COLLISION',
    `The immutable name "${template}" would be the name of every version`,
    {
      hint: 'Use {version}, {patch}, {sha7} or {sha} in it, or list it among the rolling names.',
      outcome: 'usage',
    },
  )
}

const usesCommit = (template: string): boolean => /\{sha7?\}/.test(template)

// A commit's name is a release's: a snapshot of the same commit must not take it.
function immutableNames(
  version: Version,
  variables: Variables,
  options: NameOptions,
): readonly string[] {
  const snapshot = isSnapshot(version)
  if (options.channel !== undefined && !snapshot) return []
  return immutableTemplates(options)
    .filter((template) => !usesCommit(template) || (options.commit !== undefined && !snapshot))
    .map((template) => expand(assertOwn(template), variables, 'an immutable name'))
}

function expand(template: string, variables: Variables, where: string): string {
  checkTemplate(template, VARIABLES, where)
  return expandTemplate(template, variables, where)
}

interface RollingOptions extends NameOptions {
  readonly variables: Variables
}

function rollingNames(
  version: Version,
  standing: readonly Version[],
  options: RollingOptions,
): Pick<NamePlan, 'rolling' | 'kept'> {
  const rolling: string[] = []
  const kept: KeptName[] = []
  const counting = countingVersions(standing, options)
  for (const template of rollingTemplates(options)) {
    if (!namesLine(template, version, options)) continue
    const name = expand(template, options.variables, 'a rolling name')
    const reason = reasonToKeep(template, version, { ...options, counting })
    if (reason === undefined) rolling.push(name)
    else kept.push({ name, ...reason })
  }
  return { rolling, kept }
}

/** The versions that count as highest: neither prereleases nor yanked. */
export function countingVersions(
  versions: readonly Version[],
  options: NameOptions,
): readonly Version[] {
  const yanked = new Set(options.yanked)
  return versions.filter(({ prerelease, text }) => prerelease.length === 0 && !yanked.has(text))
}

/** Whether a template names a line of this version: before 1.0.0 a major number alone promises nothing (SemVer clause 4). */
export function namesLine(template: string, version: Version, options: NameOptions): boolean {
  const majorOnly = template.includes('{major}') && !template.includes('{minor}')
  return !majorOnly || version.major > 0 || options.majorZero === true
}

interface Reasons extends NameOptions {
  readonly counting: readonly Version[]
}

function reasonToKeep(
  template: string,
  version: Version,
  { counting, yanked = [] }: Reasons,
): Omit<KeptName, 'name'> | undefined {
  if (version.prerelease.length > 0) return { reason: `${version.text} is a prerelease` }
  if (yanked.includes(version.text)) return { reason: `${version.text} is yanked` }
  const higher = counting.findLast(
    (other) => inLine(template, other, version) && compareVersions(other, version) > 0,
  )
  if (higher === undefined) return undefined
  return { reason: `${higher.text} is higher than ${version.text}`, by: higher.text }
}

/** Whether two versions are of one line, as a rolling template draws it: by the numbers it uses. */
export function inLine(template: string, a: Version, b: Version): boolean {
  if (template.includes('{minor}')) return a.major === b.major && a.minor === b.minor
  return !template.includes('{major}') || a.major === b.major
}
