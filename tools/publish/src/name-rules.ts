import { WaybillError } from '@waybill/core'
import { versionOf, type Shape, type Version } from './version-names.ts'

/** What a name is read by: the shape of a whole version's name, and the scope of the others. */
export interface Reading {
  readonly shape: Shape
  readonly scope: string
}

// OCI distribution-spec 1.1, "Pulling manifests": the grammar of a tag.
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** Checks a prefix of tags. @throws {ERR_INVALID_NAME} */
export function assertPrefix(prefix: string): string {
  if (prefix === '') return prefix
  assertTag(prefix, 'the tag prefix')
  if (/\d$/.test(prefix))
    throw invalid(prefix, 'the tag prefix', 'ends with a digit, which the version would continue')
  return prefix
}

/** Checks a commit's object name. @throws {ERR_INVALID_NAME} */
export function assertCommit(commit: string | undefined): string | undefined {
  if (commit === undefined || /^[0-9a-f]{7,64}$/.test(commit)) return commit
  throw new WaybillError('ERR_INVALID_NAME', `Expected a commit's object name, found "${commit}"`, {
    hint: 'Give it in full, in lower-case hex digits, as git rev-parse prints it.',
    outcome: 'usage',
  })
}

/** Checks a channel, which must not be spelled like a release's name. @throws {ERR_INVALID_NAME} {ERR_NAME_COLLISION} */
export function assertChannel(name: string, reading: Reading): string {
  assertTag(name, 'the channel')
  if (isReleaseName(name, reading))
    throw collision(`the channel "${name}"`, 'is a name of releases')
  return name
}

/** Checks a name that never moves: it must be this version's alone. @throws {ERR_INVALID_NAME} {ERR_NAME_COLLISION} */
export function assertImmutable(name: string, version: Version, reading: Reading): void {
  assertTag(name, 'an immutable name')
  const owner = versionOf(name, reading.shape)
  if (owner?.text === version.text || name.startsWith(`${reading.scope}sha-`)) return
  const what = `the immutable name "${name}" of ${version.text}`
  if (owner !== undefined) throw collision(what, `is the name of ${owner.text}`)
  if (isReleaseName(name, reading)) throw collision(what, 'is a rolling name')
}

/** Checks a name that moves, which must not be spelled like one that never does. @throws {ERR_INVALID_NAME} {ERR_NAME_COLLISION} */
export function assertRolling(name: string, { shape, scope }: Reading): void {
  assertTag(name, 'a rolling name')
  if (versionOf(name, shape) !== undefined)
    throw collision(`the rolling name "${name}"`, 'is the immutable name of a version')
  if (name.startsWith(`${scope}sha-`))
    throw collision(`the rolling name "${name}"`, "is spelled like a commit's immutable name")
}

/** Checks that no name has two meanings. @throws {ERR_NAME_COLLISION} */
export function assertUnique(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw collision(`the name "${twice}"`, 'was planned twice')
}

function isReleaseName(name: string, reading: Reading): boolean {
  const { shape, scope } = reading
  if (name === `${scope}latest` || isWrittenOnce(name, reading)) return true
  if (!name.startsWith(shape.prefix) || !name.endsWith(shape.suffix)) return false
  const inner = name.slice(shape.prefix.length, name.length - shape.suffix.length)
  return /^\d+(?:\.\d+)?$/.test(inner)
}

/** Whether a registry takes a name as a tag. */
export const isTag = (name: string): boolean => TAG.test(name)

/** Whether a name is spelled like one that never moves. */
export const isWrittenOnce = (name: string, { shape, scope }: Reading): boolean =>
  versionOf(name, shape) !== undefined || name.startsWith(`${scope}sha-`)

function assertTag(name: string, what: string): void {
  if (isTag(name)) return
  if (name.length > 128) throw invalid(name, what, `has ${name.length} characters, at most 128 fit`)
  const illegal = [...name].find((character) => !/[A-Za-z0-9._-]/.test(character))
  if (illegal !== undefined) throw invalid(name, what, `holds ${JSON.stringify(illegal)}`)
  throw invalid(name, what, name === '' ? 'is empty' : `begins with "${name[0]}"`)
}

function invalid(name: string, what: string, why: string): WaybillError {
  return new WaybillError('ERR_INVALID_NAME', `${what} "${name.slice(0, 160)}" ${why}`, {
    hint: 'A tag is 1 to 128 letters, digits, ".", "_" and "-", and begins with a letter, a digit or "_".',
    outcome: 'usage',
    details: { name },
  })
}

function collision(what: string, why: string): WaybillError {
  return new WaybillError('ERR_NAME_COLLISION', `${what} ${why}`, {
    hint: 'Choose another channel, prefix or template, so that no two meanings share a name.',
    outcome: 'usage',
  })
}
