import {
  FREE_BELOW,
  WaybillError,
  header,
  parseJson,
  shown,
  type HttpResponse,
  type Outcome,
} from '@waybill/core'

const LIMIT = 64 * 1024

interface Said {
  readonly message: string
  /** What GitHub's validation complains of: `Release.tag_name already_exists`. */
  readonly errors: readonly string[]
}

const clean = (value: unknown): string =>
  // oxlint-disable-next-line no-control-regex
  (typeof value === 'string' ? value : '').replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 300)

/** What an answer says went wrong; nothing where its body is not GitHub's (a proxy's page). Drops the rest of the body. */
async function readSaid(response: HttpResponse): Promise<Said> {
  try {
    const value = parseJson(await response.bytes(LIMIT), 'errors', FREE_BELOW)
    const { message, errors } = value as { message?: unknown; errors?: unknown }
    return { message: clean(message), errors: Array.isArray(errors) ? errors.map(entryOf) : [] }
  } catch {
    return { message: '', errors: [] }
  }
}

function entryOf(entry: unknown): string {
  if (typeof entry === 'string') return clean(entry)
  const { resource, field, code, message } = (entry ?? {}) as Readonly<Record<string, unknown>>
  const what = [clean(resource), clean(field)].filter((part) => part !== '').join('.')
  return [what, clean(code), clean(message)].filter((part) => part !== '').join(' ')
}

interface Kind {
  readonly code: `ERR_${string}`
  readonly outcome: Outcome
  readonly hint: string
}

const WORKFLOWS =
  'Where the commit changes files in .github/workflows, the token needs `workflows: write` as well.'

function kindOf(response: HttpResponse, said: Said): Kind {
  const { status } = response
  if (isLimited(response))
    return { code: 'ERR_RATE_LIMITED', outcome: 'unknown', hint: 'Wait and run the same again.' }
  if (status === 401)
    return {
      code: 'ERR_UNAUTHORIZED',
      outcome: 'unknown',
      hint: 'Give a token that is valid: GITHUB_TOKEN or GH_TOKEN in the environment.',
    }
  if (status === 403) return { code: 'ERR_DENIED', outcome: 'unknown', hint: permission(response) }
  if (status === 404)
    return {
      code: 'ERR_NOT_FOUND',
      outcome: 'unknown',
      hint: `Check the repository's name; to a token without rights GitHub answers the same. ${permission(response)}`,
    }
  if (status === 422 && /immutable release/i.test([said.message, ...said.errors].join(' ')))
    return {
      code: 'ERR_RELEASE_IMMUTABLE',
      outcome: 'failed',
      hint: 'An immutable release keeps its files and its tag for ever, even when it is deleted: release under a new version.',
    }
  if (status >= 500)
    return {
      code: 'ERR_FORGE',
      outcome: 'unknown',
      hint: 'The forge failed; run the same again later.',
    }
  return { code: 'ERR_FORGE', outcome: 'failed', hint: 'Mend what the forge names.' }
}

// GitHub names the permission that an endpoint wants: `contents=write`.
function permission(response: HttpResponse): string {
  const wanted = clean(header(response, 'x-accepted-github-permissions')).split(';')[0]
  const needs = (wanted === '' ? 'contents=write' : wanted!).replaceAll('=', ': ')
  return `The token needs the permission \`${needs}\` in this repository. ${WORKFLOWS}`
}

/** Whether an answer says that too much was asked: a quota used up, or asked too fast (GitHub's secondary limits). */
export function isLimited(response: HttpResponse): boolean {
  if (response.status === 429) return true
  if (response.status !== 403) return false
  const left = header(response, 'x-ratelimit-remaining')
  return left === '0' || header(response, 'retry-after') !== undefined
}

/** The error for an answer that is not the expected one; reads the answer's body for the reason. */
export async function answerError(response: HttpResponse, what: string): Promise<WaybillError> {
  const said = await readSaid(response)
  const { code, outcome, hint } = kindOf(response, said)
  const { host } = new URL(response.url)
  const { status } = response
  const reason = [said.message, ...said.errors].filter((part) => part !== '').join('; ')
  const details = { host, status, url: shown(response.url), errors: said.errors }
  return new WaybillError(
    code,
    `${what}: ${host} answered ${status}${reason === '' ? '' : ` (${reason})`}`,
    { hint, outcome, details },
  )
}
