import {
  WaybillError,
  isWorthRetrying,
  parseJson,
  retryAfter,
  shown,
  type HttpResponse,
  type Outcome,
} from '@waybill/core'
import { ERRORS_SHAPE } from './json-shapes.ts'
import { isRecord } from './is-record.ts'

/** One error of a registry's answer. OCI distribution-spec, "Error codes". */
export interface RegistryErrorEntry {
  readonly code: string
  readonly message: string
}

const LIMIT = 64 * 1024

/** Reads the errors of an answer; none where its body is not of that form (a proxy's HTML page), or says two things. Drops the rest of the body. */
export async function readErrors(response: HttpResponse): Promise<RegistryErrorEntry[]> {
  try {
    const value = parseJson(await response.bytes(LIMIT), 'errors', ERRORS_SHAPE)
    const errors = isRecord(value) && Array.isArray(value['errors']) ? value['errors'] : []
    return errors.slice(0, 8).filter(isRecord).map(entryOf)
  } catch {
    return []
  }
}

const clean = (value: unknown): string =>
  // oxlint-disable-next-line no-control-regex
  (typeof value === 'string' ? value : '').replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 300)

const entryOf = (error: Record<string, unknown>): RegistryErrorEntry => ({
  code: clean(error['code']),
  message: clean(error['message']),
})

interface Kind {
  readonly code: `ERR_${string}`
  readonly outcome: Outcome
  readonly hint: string
}

const LOG_IN = 'Log in (`waybill login HOST`), or check that the account may do this here.'

const KINDS: Readonly<Record<number, Kind>> = {
  401: { code: 'ERR_UNAUTHORIZED', outcome: 'unknown', hint: LOG_IN },
  403: { code: 'ERR_DENIED', outcome: 'unknown', hint: LOG_IN },
  404: {
    code: 'ERR_NOT_FOUND',
    outcome: 'failed',
    hint: 'Check the name; some registries want the repository made before the first push.',
  },
  413: {
    code: 'ERR_TOO_LARGE',
    outcome: 'failed',
    hint: 'The registry, or a proxy before it, limits how large a request may be.',
  },
  429: {
    code: 'ERR_RATE_LIMITED',
    outcome: 'unknown',
    hint: 'Run the same again later, or give more time with --patience; logging in raises the limit at most registries.',
  },
}

function kindOf(status: number): Kind {
  const known = KINDS[status]
  if (known !== undefined) return known
  if (status >= 500)
    return {
      code: 'ERR_REGISTRY',
      outcome: 'unknown',
      hint: 'The registry failed. Run the same again later, or give it more time with --patience.',
    }
  return {
    code: 'ERR_REGISTRY',
    outcome: 'failed',
    hint: 'The registry does not take this; `waybill doctor REPO` tells what it can do.',
  }
}

/** The error for an answer that is not the expected one; reads the answer's body for the reason. */
export async function answerError(response: HttpResponse, what: string): Promise<WaybillError> {
  const errors = await readErrors(response)
  const { code, outcome, hint } = kindOf(response.status)
  const host = new URL(response.url).host
  const said = errors
    .map((error) => [error.code, error.message].filter(Boolean).join(': '))
    .join('; ')
  const limit = rateLimit(response)
  const details = { host, status: response.status, url: shown(response.url), errors, ...limit }
  return new WaybillError(
    code,
    `${what}: ${host} answered ${response.status}${said === '' ? '' : ` (${said})`}${wish(response)}`,
    { hint, outcome, details },
  )
}

// How long it wants to be left alone, where it says so.
function wish(response: HttpResponse): string {
  const time = isWorthRetrying(response.status) ? retryAfter(response) : undefined
  return time === undefined || time < 1000
    ? ''
    : ` and asks to be left alone for ${Math.ceil(time / 1000)} s`
}

// Docker Hub's headers: what is left of how much, and for whom it is counted.
function rateLimit(response: HttpResponse): Record<string, string> {
  const named = ['ratelimit-limit', 'ratelimit-remaining', 'docker-ratelimit-source', 'retry-after']
  const found = named.map((name) => [name, response.headers[name]] as const)
  return Object.fromEntries(
    found.filter((one): one is readonly [string, string] => typeof one[1] === 'string'),
  )
}

/** Turns a failure to find out into ERR_UNKNOWN_STATE, which must never be taken for "absent"; leaves any other error as it is. */
export function asUnknownState(error: unknown, what: string): unknown {
  if (!(error instanceof WaybillError) || error.outcome !== 'unknown') return error
  return unknownState(error, what)
}

/** The same for a question of what is there: an answer that is neither "here" nor "not here", whatever its status, says nothing. */
export function asUnknownAnswer(error: unknown, what: string): unknown {
  if (!(error instanceof WaybillError)) return error
  const isAnswer = error.details['status'] !== undefined
  return isAnswer || error.outcome === 'unknown' ? unknownState(error, what) : error
}

function unknownState(error: WaybillError, what: string): WaybillError {
  if (error.code === 'ERR_UNKNOWN_STATE') return error
  return new WaybillError('ERR_UNKNOWN_STATE', `${what} could not be found out. ${error.message}`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    outcome: 'unknown',
    details: { ...error.details, reason: error.code },
    cause: error,
  })
}
