import { nearest } from '@waybill/core'
import { invalidConfig } from './config-options.ts'

// Linux, signal(7); what a runtime does not know it refuses when the container is stopped, long after the release.
const SIGNALS =
  'HUP INT QUIT ILL TRAP ABRT IOT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO POLL PWR SYS'
    .split(' ')
    .map((name) => `SIG${name}`)

/** Checks a signal: a name, a number, or a real-time one as SIGRTMIN+3. @throws {ERR_INVALID_CONFIG} with the nearest name. */
export function signalName(signal: string): string {
  const isNumber = /^\d{1,2}$/.test(signal) && Number(signal) >= 1 && Number(signal) <= 64
  if (isNumber || SIGNALS.includes(signal) || /^SIGRT(?:MIN|MAX)(?:[+-]\d{1,2})?$/.test(signal))
    return signal
  const near = nearest(signal, SIGNALS)
  const wanted = near === undefined ? '' : `, perhaps ${near}`
  throw invalidConfig('stopSignal', `a name as SIGTERM or a number from 1 to 64${wanted}`, signal)
}

/** Checks whom an image runs as: a name or number, with a group after a colon if wanted. @throws {ERR_INVALID_CONFIG} */
export function userName(user: string): string {
  if (/^[^\s:]+(?::[^\s:]+)?$/.test(user)) return user
  throw invalidConfig('user', 'a name or number, with a group as 65532:65532 if wanted', user)
}

/** Checks that a call names what it runs; an empty one runs nothing. @throws {ERR_INVALID_CONFIG} */
export function program(words: readonly string[] | undefined): readonly string[] | undefined {
  if (words?.[0] !== '') return words
  throw invalidConfig('entrypoint', 'a program and its arguments', JSON.stringify(words))
}
