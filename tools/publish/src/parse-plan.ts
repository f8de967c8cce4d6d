import {
  isDigest,
  isNamedDigest,
  messageOf,
  parseJson,
  WaybillError,
  type DestinationPlan,
  type Naming,
  type PublishPlan,
} from '@waybill/core'
import { isTag, isWrittenOnce, type Reading } from './name-rules.ts'
import { scopeOf, shapeOf } from './name-shape.ts'
import { assertPlanDigest } from './plan-digest.ts'

/**
 * Reads a publish plan that was written as JSON, as `where` names it. The `digest` that the command line prints with it is held to it.
 * @throws {ERR_INVALID_JSON} {ERR_INVALID_PLAN} naming the field, {ERR_PLAN_MISMATCH} for one that was changed since.
 */
export function parsePlan(text: Uint8Array | string, where: string): PublishPlan {
  const read = readJson(text, where)
  const wrong = firstWrong(read)
  if (wrong === undefined) {
    const { digest, ...plan } = read as PublishPlan & { readonly digest?: string }
    assertPlanDigest(plan, digest)
    return plan
  }
  throw new WaybillError('ERR_INVALID_PLAN', `${where}: not a publish plan: ${wrong}`, {
    hint: 'Write it with publish --dry-run --json and leave it as it is.',
    outcome: 'usage',
    details: { where },
  })
}

function readJson(text: Uint8Array | string, where: string): unknown {
  try {
    return parseJson(text, where)
  } catch (error) {
    throw new WaybillError('ERR_INVALID_JSON', messageOf(error), {
      hint: 'It was cut or changed: write it anew with publish --dry-run --json.',
      outcome: 'usage',
      details: { where },
      cause: error,
    })
  }
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')

function firstWrong(plan: unknown): string | undefined {
  if (!isFields(plan)) return 'expected an object'
  if (plan['schemaVersion'] !== 1)
    return `schemaVersion is ${JSON.stringify(plan['schemaVersion'])}, expected 1`
  const { subject, proof, artifacts, destinations, observed, naming, release } = plan
  if (!isFields(subject) || !isDigest(subject['digest'])) return 'subject is no descriptor'
  if (!isFields(proof) || !isProof(proof))
    return 'proof is neither of identity nor waived, nor of files'
  if (!Array.isArray(artifacts)) return 'artifacts is no list'
  if (!isFields(destinations)) return 'destinations is no object'
  if (!isFields(observed) || !Object.values(observed).every(isObserved))
    return 'observed is no object of names'
  if (naming !== undefined && !isNaming(naming)) return 'naming has no version, or a wrong field'
  if (release !== undefined && !(isFields(release) && typeof release['version'] === 'string'))
    return 'release has no version'
  const bad = Object.keys(destinations).find((name) => !isDestination(destinations[name]))
  if (bad !== undefined) return `destinations["${bad}"] lacks a field or has a wrong one`
  const readings = naming === undefined ? [PLAIN] : [PLAIN, readingOf(naming as Naming)]
  return Object.entries(destinations as Readonly<Record<string, DestinationPlan>>)
    .map(([name, destination]) => wrongName(name, destination, readings))
    .find((wrong) => wrong !== undefined)
}

const PLAIN: Reading = { shape: { prefix: '', suffix: '' }, scope: '' }

const readingOf = (naming: Naming): Reading => ({
  shape: shapeOf(naming),
  scope: scopeOf(naming.tagPrefix ?? ''),
})

// Names become parts of addresses, and no plan moves a version.
function wrongName(
  place: string,
  { kind, immutable, rolling }: DestinationPlan,
  readings: readonly Reading[],
): string | undefined {
  if (kind !== 'oci') return undefined
  const noTag = [...immutable, ...rolling].find((name) => !isTag(name))
  if (noTag !== undefined)
    return `destinations["${place}"] names ${JSON.stringify(noTag)}, which is no tag`
  const moved = rolling.find((name) => readings.some((reading) => isWrittenOnce(name, reading)))
  return moved === undefined
    ? undefined
    : `destinations["${place}"] moves ${moved}, which is written once`
}

const isText = (value: unknown): boolean => typeof value === 'string'

const NAMING: Readonly<Record<string, (value: unknown) => boolean>> = {
  version: isText,
  commit: isText,
  tagPrefix: isText,
  channel: isText,
  yanked: isNames,
  immutable: isNames,
  rolling: isNames,
  majorZero: (value) => typeof value === 'boolean',
}

function isNaming(value: unknown): boolean {
  if (!isFields(value) || value['version'] === undefined) return false
  return Object.entries(value).every(([key, field]) => NAMING[key]?.(field) === true)
}

function isProof(proof: Fields): boolean {
  if (proof['kind'] === 'files') return true
  if (proof['kind'] === 'waived') return typeof proof['reason'] === 'string'
  const { kind, checked, through = [] } = proof
  const isThrough = Array.isArray(through) && through.every(isThroughCheck)
  return kind === 'identity' && Array.isArray(checked) && checked.every(isFields) && isThrough
}

const isThroughCheck = (value: unknown): boolean =>
  isFields(value) && isText(value['platform']) && isText(value['path']) && isDigest(value['digest'])

function isObserved(names: unknown): boolean {
  return (
    isFields(names) &&
    Object.values(names).every((value) => value === 'absent' || isNamedDigest(value))
  )
}

function isDestination(value: unknown): boolean {
  if (!isFields(value) || typeof value['required'] !== 'boolean') return false
  const { kind, digest, digests = {}, immutable, rolling } = value
  if (!['oci', 'git', 'forge', 'npm'].includes(String(kind))) return false
  const areDigests = isFields(digests) && Object.values(digests).every(isNamedDigest)
  return areDigests && isNamedDigest(digest) && isNames(immutable) && isNames(rolling)
}
