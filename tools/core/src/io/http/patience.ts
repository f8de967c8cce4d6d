// Waiting for a host that is out for a while: how long, and what is said. One outage of a host is waited for once, whoever asks.
import { messageOf } from '../../values/error.ts'
import { shown } from './errors.ts'
import { LONGEST_WAIT, isWorthRetrying, pause, retryAfter } from './retry.ts'
import type { Logger } from '../../ports/logger.ts'
import type { FailedTry, Patience } from '../../ports/http.ts'

export interface PatienceOptions {
  /** Milliseconds that one outage of a host is waited for; 0: not at all beyond the short tries. @default 0 */
  readonly patience?: number | undefined
  readonly logger?: Logger | undefined
}

interface Outage {
  /** On the monotonic clock, milliseconds. */
  readonly since: number
  last: number
  isSaid: boolean
  /** Reading and writing fail apart: a registry may still show what it does not take. */
  readonly kinds: Set<string>
}

// What a server asks to wait that is not worth a word.
const SHORT = 5000
const LONGEST_PAUSE = 10_000

/** Makes the patience of a client: it remembers which hosts have answered, and which are out. */
export function createPatience({ patience = 0, logger }: PatienceOptions): Patience {
  const known = new Set<string>()
  const answered = new Set<string>()
  const outages = new Map<string, Outage>()

  function outageOf(host: string, method: string): Outage {
    const now = performance.now()
    const before = outages.get(host)
    const isOld = before !== undefined && now - before.last > patience
    const outage =
      before === undefined || isOld
        ? { since: now, last: now, isSaid: false, kinds: new Set<string>() }
        : before
    outage.last = now
    outage.kinds.add(kindOf(method))
    outages.set(host, outage)
    return outage
  }

  return {
    delay(attempt, most, failed) {
      const { response, signal } = failed
      const asked = response === undefined ? undefined : retryAfter(response)
      const isShort = attempt < most && (asked ?? 0) < SHORT
      if (isShort || patience === 0 || (signal !== undefined && impatientSignals.has(signal))) {
        if (attempt >= most) return undefined
        sayRetry(failed, asked, logger)
        return Math.min(asked ?? 50 * 4 ** attempt, LONGEST_WAIT)
      }
      const { host } = new URL(failed.url)
      if (!mayComeBack(failed, known.has(host))) return undefined
      const outage = outageOf(host, failed.method)
      const left = outage.since + patience - performance.now()
      const time = asked ?? Math.min(1000 * 2 ** Math.max(0, attempt - most), LONGEST_PAUSE)
      if (asked === undefined ? left <= 0 : asked > left) {
        if (asked !== undefined) logger?.warn(tooLong(host, failed, { asked, patience }))
        return undefined
      }
      if (!outage.isSaid) logger?.warn(waiting(host, failed, { left, patience }))
      outage.isSaid = true
      return Math.min(time, left)
    },
    heard(method, url, status) {
      // Said of every answer, so without reading the address where nothing is out.
      const origin = url.slice(0, url.indexOf('/', 8))
      if (answered.has(origin) && outages.size === 0) return
      answered.add(origin)
      const { host } = new URL(url)
      known.add(host)
      const outage = outages.get(host)
      if (outage === undefined || isWorthRetrying(status)) return
      outage.kinds.delete(kindOf(method))
      if (outage.kinds.size > 0) return
      outages.delete(host)
      const time = seconds(performance.now() - outage.since)
      if (outage.isSaid) logger?.info(`${host} answers again after ${time}`)
    },
  }
}

const impatientSignals = new WeakSet<AbortSignal>()

/** Marks a signal: requests under it are tried a few times shortly, whatever the patience. For what must end soon. */
export function impatient(signal: AbortSignal): AbortSignal {
  impatientSignals.add(signal)
  return signal
}

const kindOf = (method: string): string =>
  method === 'GET' || method === 'HEAD' ? 'read' : 'write'

const GONE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
])

// A host that never answered may be a mistyped one; a certificate that is wrong stays so.
function mayComeBack({ response, error }: FailedTry, isKnown: boolean): boolean {
  if (response !== undefined) return isWorthRetrying(response.status)
  if (!isKnown) return false
  const causes = [error, (error as Error | undefined)?.cause]
  return causes.some((one) => {
    const { code, message = '' } = (one ?? {}) as { code?: string; message?: string }
    return GONE.has(code ?? '') || message.startsWith('nothing came for')
  })
}

function sayRetry(failed: FailedTry, asked: number | undefined, logger: Logger | undefined): void {
  const { method, url, response, error } = failed
  const why = response === undefined ? messageOf(error) : `${response.status}`
  const said = `${method} ${shown(url)}: ${why}; trying again`
  const time = Math.min(asked ?? 0, LONGEST_WAIT)
  if (time < SHORT) logger?.debug(said)
  else logger?.info(`${said} in ${Math.ceil(time / 1000)} s, as the server asks`)
}

const seconds = (milliseconds: number): string => `${Math.ceil(milliseconds / 1000)} s`

function what({ method, url, response, error }: FailedTry): string {
  const why =
    response === undefined ? `does not answer (${messageOf(error)})` : `answers ${response.status}`
  return `${why} to ${method} ${shown(url)}`
}

interface Waiting {
  readonly left: number
  readonly patience: number
}

function waiting(host: string, failed: FailedTry, { left, patience }: Waiting): string {
  const until = new Date(Date.now() + left).toTimeString().slice(0, 8)
  return `${host} ${what(failed)}; waiting for it until ${until} at the latest (${seconds(patience)}, --patience)`
}

interface TooLong {
  readonly asked: number
  readonly patience: number
}

function tooLong(host: string, failed: FailedTry, { asked, patience }: TooLong): string {
  return `${host} ${what(failed)} and asks to wait ${seconds(asked)}, which is longer than it is waited for (${seconds(patience)}, --patience)`
}

/**
 * Waits before a request is tried again that its client does not repeat by itself, and says whether it should be.
 * @throws {ERR_CANCELLED}
 */
export async function waitForHost(
  http: { readonly patience?: Patience | undefined },
  attempt: number,
  most: number,
  failed: FailedTry,
): Promise<boolean> {
  const time = (http.patience ?? createPatience({})).delay(attempt, most, failed)
  if (time === undefined) return false
  await pause(time, failed.signal)
  return true
}
