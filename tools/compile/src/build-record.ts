import { isAbsolute, join, posix } from 'node:path'
import {
  WaybillError,
  insideFolder,
  isDigest,
  isWaybillError,
  knows,
  messageOf,
  parseJson,
  readInside,
  type Artifact,
  type Digest,
  type JsonShape,
  type Release,
} from '@waybill/core'

/** What an output folder's `waybill.json` says: by which definition and for which releases its files were made. Commands hand over through it. */
export interface BuildRecord {
  readonly schemaVersion: 1
  /** The definition's digest. */
  readonly definition: Digest
  readonly releases: readonly Release[]
  /** Paths relative to the folder. */
  readonly artifacts: readonly Artifact[]
}

/** The name of the record in an output folder. */
export const BUILD_RECORD = 'waybill.json'

/**
 * Reads the record of an output folder; undefined where there is none.
 * @throws {ERR_INVALID_JSON} {ERR_AMBIGUOUS_JSON} {ERR_INVALID_RECORD} naming the field, {ERR_NOT_READABLE}
 */
export async function readBuildRecord(folder: string): Promise<BuildRecord | undefined> {
  const file = join(folder, BUILD_RECORD)
  const text = await readInside(insideFolder, folder, BUILD_RECORD).catch((error: unknown) => {
    const isLink = isWaybillError(error) && error.details['link'] !== undefined
    if (isWaybillError(error, 'ERR_FILE_MISSING') && !isLink) return undefined
    if (isWaybillError(error)) throw error
    throw new WaybillError('ERR_NOT_READABLE', `${file} cannot be read: ${messageOf(error)}`, {
      details: { file },
      cause: error,
    })
  })
  return text === undefined ? undefined : parseBuildRecord(text, file)
}

const RECORD: JsonShape = knows(['schemaVersion', 'definition'], {
  releases: knows(['component', 'path', 'version', 'tag', 'commit', 'created']),
  artifacts: knows('kind name path digest size platform component triple'.split(' ')),
})

function parseBuildRecord(text: Uint8Array | string, where: string): BuildRecord {
  const record = parseJson(text, where, RECORD)
  const wrong = firstWrong(record)
  if (wrong === undefined) return record as BuildRecord
  throw new WaybillError('ERR_INVALID_RECORD', `${where}: not the record of a build: ${wrong}`, {
    hint: 'Remove the folder and run `waybill build` again.',
    details: { where },
  })
}

function firstWrong(record: unknown): string | undefined {
  if (!isFields(record)) return 'expected an object'
  const { schemaVersion, definition, releases, artifacts, ...more } = record
  const [unknown] = Object.keys(more)
  if (unknown !== undefined) return `${unknown} is not a field that there is`
  if (schemaVersion !== 1) return `schemaVersion is ${JSON.stringify(schemaVersion)}, expected 1`
  if (!isDigest(definition)) return 'definition is not a digest'
  if (!isList(releases, isRelease))
    return 'releases is not a list of releases with component, path, version, tag, commit and created'
  if (!isList(artifacts, isArtifact))
    return 'artifacts is not a list of files with kind, name, digest, size and a path inside the folder'
  return undefined
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isList = (value: unknown, isItem: (item: Fields) => boolean): boolean =>
  Array.isArray(value) && value.every((item) => isFields(item) && isItem(item))

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0

const RELEASE = ['component', 'path', 'version', 'tag', 'commit', 'created']

// What is left out, or put in beside it, would be compared with nothing.
const isRelease = (release: Fields): boolean =>
  Object.keys(release).every((key) => RELEASE.includes(key)) &&
  RELEASE.every((key) => (key === 'created' ? isCount : isText)(release[key]))

const MORE = ['platform', 'component', 'triple']
const ARTIFACT = new Set(['kind', 'name', 'path', 'digest', 'size', 'compilerCache', ...MORE])

const isArtifact = (artifact: Fields): boolean =>
  Object.keys(artifact).every((key) => ARTIFACT.has(key)) &&
  MORE.every((key) => artifact[key] === undefined || isText(artifact[key])) &&
  [undefined, 'restored', 'environment'].includes(artifact['compilerCache'] as undefined) &&
  ['binary', 'archive', 'checksums'].includes(String(artifact['kind'])) &&
  typeof artifact['kind'] === 'string' &&
  isText(artifact['name']) &&
  isCount(artifact['size']) &&
  isDigest(artifact['digest']) &&
  isInside(artifact['path'])

// A record may come from elsewhere: what it names stays in its folder.
function isInside(path: unknown): boolean {
  if (typeof path !== 'string' || path === '' || path.includes('\\') || isAbsolute(path))
    return false
  return posix.normalize(path) === path && !path.startsWith('../') && path !== '..'
}
