import { WaybillError, isWaybillError } from '../values/error.ts'
import { findClash, shownKey, type JsonClash } from './json-clash.ts'
import type { JsonShape } from './json-keys.ts'

/**
 * Reads JSON that somebody else may have written, so that it means here what it means to every other program, or is refused. Most programs that read images
 * are written in Go, whose encoding/json takes keys that differ in case for one and lets the last one win; so two keys of one object may not be equal nor differ
 * in case alone (Unicode simple folding), and a name that `shape` knows may not be spelled in another case. What is not UTF-8 (RFC 8259, 8.1), halves of
 * surrogate pairs and what is nested more than 1000 deep are no JSON. `where` names the document, for the error.
 * @throws {ERR_INVALID_JSON} {ERR_AMBIGUOUS_JSON} naming the place and both keys; neither code's message holds a value of a document that is JSON.
 */
export function parseJson(
  bytes: Uint8Array | string,
  where: string,
  shape: JsonShape = {},
): unknown {
  const text = typeof bytes === 'string' ? bytes : decode(bytes, where)
  if (text.charCodeAt(0) === 0xfeff) throw invalid(where, 'it begins with a byte order mark')
  const value = parse(text, where)
  const clash = findClash(text, shape)
  if (clash !== undefined) throw refused(clash, where)
  return value
}

// As it is, with the mark that would be dropped otherwise.
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(bytes: Uint8Array, where: string): string {
  try {
    return UTF_8.decode(bytes)
  } catch (error) {
    throw invalid(where, 'it is not UTF-8', error)
  }
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw invalid(where, (error as Error).message, error)
  }
}

const invalid = (where: string, why: string, cause?: unknown): WaybillError =>
  new WaybillError('ERR_INVALID_JSON', `${where}: not JSON (${why})`, { cause })

function refused({ kind, path, keys, isKnown }: JsonClash, where: string): WaybillError {
  const at = path === '' ? '' : ` ${path}`
  if (kind === 'too-deep') return invalid(where, 'it is nested more than 1000 deep')
  if (kind === 'half-pair') return invalid(where, `half of a surrogate pair in${at || ' it'}`)
  const [first, second] = keys.map(shownKey)
  const why =
    first === second
      ? `the key ${first} is there twice`
      : isKnown === true
        ? `expected the key ${first}, found ${second}, which only some programs read as ${first}`
        : `the keys ${first} and ${second} are one key to some programs and two to others`
  return new WaybillError('ERR_AMBIGUOUS_JSON', `${where}:${at === '' ? '' : `${at}:`} ${why}`, {
    details: { where, path, keys: keys.map(shownKey) },
  })
}

/** What `parseJson` reads, and undefined for what is not JSON; what is ambiguous is an error all the same. @throws {ERR_AMBIGUOUS_JSON} */
export function tryParseJson(
  bytes: Uint8Array | string,
  where: string,
  shape: JsonShape = {},
): unknown {
  try {
    return parseJson(bytes, where, shape)
  } catch (error) {
    if (isWaybillError(error, 'ERR_AMBIGUOUS_JSON')) throw error
    return undefined
  }
}
