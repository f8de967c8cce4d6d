import { inTime, messageOf, WaybillError } from '@waybill/core'

type Code = 'ERR_INVALID_JSON' | 'ERR_INVALID_TOML' | 'ERR_INVALID_YAML'

// Lock files of large workspaces have megabytes.
const LONGEST = 4000

/**
 * Runs a parser over a document of the repository: one that nests too deep for it, or keeps it busy, is an invalid document.
 * @throws the code given
 */
export function parsing<Result>(where: string, code: Code, parse: () => Result): Result {
  const invalid = (what: string, cause?: unknown): WaybillError =>
    new WaybillError(code, `${where}: cannot be read (${what})`, { cause })
  try {
    return inTime(parse, (time) => invalid(`not done after ${time} ms`), LONGEST)
  } catch (error) {
    throw error instanceof RangeError
      ? invalid(`it nests too deep: ${messageOf(error)}`, error)
      : error
  }
}
