import { basename } from 'node:path/posix'
import { inTime, messageOf, WaybillError, type Late } from '@waybill/core'
import type { VersionFile } from '../types.ts'
import { parseJsonTree } from './json.ts'
import { parseKeyPath, scalarsAt } from './key-path.ts'
import { parseTomlTree } from './toml.ts'
import { parseYamlTree } from './yaml.ts'
import { toText, type DocumentNode } from './tree.ts'

/** A version that stands in a file; offset and length in bytes, `value` as it is written there. */
export interface LocatedVersion {
  readonly at: string
  readonly offset: number
  readonly length: number
  readonly value: string
}

export interface LocateOptions {
  /** The file's path, for its kind and for errors. */
  readonly path: string
  readonly keys?: readonly string[] | undefined
  readonly pattern?: string | undefined
}

const SEMVER = String.raw`\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?`
const BARE = new RegExp(String.raw`^\s*v?(${SEMVER})\s*$`)

/** Completes a version file that is written as a path alone. */
export function asVersionFile(file: VersionFile): Exclude<VersionFile, string> {
  return typeof file === 'string' ? { path: file } : file
}

/**
 * Finds every version a declared file holds; the offsets are those of `bytes`.
 * @throws {ERR_VERSION_NOT_FOUND} {ERR_INVALID_JSON} {ERR_INVALID_TOML} {ERR_INVALID_YAML} {ERR_INVALID_PATTERN} {ERR_INVALID_KEY}
 */
export async function locateVersions(
  bytes: Uint8Array,
  options: LocateOptions,
): Promise<readonly LocatedVersion[]> {
  const text = toText(bytes)
  if (options.pattern !== undefined) return byPattern(text, options.pattern, options.path)
  const trees = await parseTree(text, options.path)
  if (trees === undefined) return bare(text, options)
  if (options.keys !== undefined) {
    return options.keys.flatMap((key) => byKey(trees, key, options.path))
  }
  return byDefault(trees, options.path)
}

/** The structure of a JSON, TOML or YAML file, told by its name; undefined for any other. */
export async function parseTree(
  text: string,
  path: string,
): Promise<readonly DocumentNode[] | undefined> {
  if (/\.jsonc?$|\.json5$/.test(path)) return parseJsonTree(text, path)
  if (/\.toml$|(^|\/)Cargo\.lock$|(^|\/)(uv|poetry)\.lock$/.test(path))
    return parseTomlTree(text, path)
  if (/\.ya?ml$/.test(path)) return parseYamlTree(text, path)
  return undefined
}

// The first list whose first key is there decides; the keys after it are taken where they stand.
const DEFAULT_KEYS: readonly (readonly [RegExp, readonly (readonly string[])[]])[] = [
  [/^(package-lock|npm-shrinkwrap)\.json$/, [['version', 'packages[""].version']]],
  [/^Cargo\.toml$/, [['package.version'], ['workspace.package.version']]],
  [/^pyproject\.toml$/, [['project.version'], ['tool.poetry.version']]],
  [/^Chart\.ya?ml$/, [['version', 'appVersion']]],
  [/./, [['version'], ['package.version'], ['project.version']]],
]

function byDefault(trees: readonly DocumentNode[], path: string): readonly LocatedVersion[] {
  const name = basename(path)
  const [, lists] = DEFAULT_KEYS.find(([pattern]) => pattern.test(name))!
  for (const [first, ...others] of lists) {
    const found = scalars(trees, first!, path)
    if (found.length > 0) return [...found, ...others.flatMap((key) => scalars(trees, key, path))]
  }
  throw notFound(path, `"${lists.map(([first]) => first).join('" or "')}"`)
}

function byKey(
  trees: readonly DocumentNode[],
  key: string,
  path: string,
): readonly LocatedVersion[] {
  const found = scalars(trees, key, path)
  if (found.length === 0) throw notFound(path, `"${key}"`)
  return found
}

function scalars(trees: readonly DocumentNode[], key: string, path: string): LocatedVersion[] {
  const keys = parseKeyPath(key)
  const found = trees.flatMap((tree) => scalarsAt(tree, keys))
  return found.map(({ at, node }) => {
    if (!node.editable) throw notFound(path, `"${at}", as a text on one line`)
    return { at, offset: node.offset, length: node.length, value: String(node.value ?? '') }
  })
}

function byPattern(text: string, pattern: string, path: string): readonly LocatedVersion[] {
  const expression = compile(pattern, path)
  const late: Late = (time) =>
    invalidPattern(path, pattern, `it was not done after ${time} ms, since it tries too many ways`)
  const found = inTime(() => [...text.matchAll(expression)], late).map((match) => {
    const group = match.groups?.['version'] === undefined ? 1 : 'version'
    const range = group === 1 ? match.indices?.[1] : match.indices?.groups?.['version']
    if (range === undefined) throw invalidPattern(path, pattern, 'it has no group for the version')
    const [offset, end] = range
    const at = `line ${text.slice(0, offset).split('\n').length}`
    return { at, offset, length: end - offset, value: text.slice(offset, end) }
  })
  if (found.length === 0) throw notFound(path, `the pattern ${pattern}`)
  return found
}

function compile(pattern: string, path: string): RegExp {
  try {
    return new RegExp(pattern.replaceAll('{version}', `(?<version>${SEMVER})`), 'dgm')
  } catch (error) {
    throw invalidPattern(path, pattern, messageOf(error))
  }
}

function bare(text: string, { path, keys }: LocateOptions): readonly LocatedVersion[] {
  if (keys !== undefined)
    throw notFound(path, `the keys "${keys.join('", "')}" (neither JSON, TOML nor YAML)`)
  const value = BARE.exec(text)?.[1]
  if (value === undefined) throw notFound(path, 'nothing but a version')
  return [{ at: 'line 1', offset: text.indexOf(value), length: value.length, value }]
}

function notFound(path: string, expected: string): WaybillError {
  return new WaybillError(
    'ERR_VERSION_NOT_FOUND',
    `${path}: expected a version at ${expected}, found none`,
    {
      hint: 'Name the place with keys (version, packages[""].version …) or with a pattern that has {version} in it, or take the file out of versionFiles.',
      details: { path },
    },
  )
}

function invalidPattern(path: string, pattern: string, what: string): WaybillError {
  return new WaybillError(
    'ERR_INVALID_PATTERN',
    `${path}: the pattern ${pattern} can't be used: ${what}`,
    {
      hint: 'Write {version} where the version stands, for example: ^VERSION = "{version}"',
      outcome: 'usage',
      details: { path, pattern },
    },
  )
}
