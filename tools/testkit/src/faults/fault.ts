import type { RegistryRequest } from '../message.ts'

/**
 * What goes wrong:
 * - `drop`: the connection breaks and the request is not handled; `lose`: it is handled, and then the connection breaks
 * - `sever`: the connection breaks when half of the request's body is in
 * - `truncate`: it breaks when half of the reply's body is out; `corrupt`: one bit of that body is flipped
 * - `wrong-digest`: the reply's Docker-Content-Digest names other content
 * - `delay`: the request is handled `value` milliseconds later
 * - `kill`, `kill-after`: the client is killed before, or after, the request is handled; the reply is never sent
 * - a status from 400 to 599: the reply, `value` seconds its Retry-After; 5xx come with the page of a gateway, not JSON
 */
export type FaultKind = (typeof faultKinds)[number] | `${number}`

/** The kinds that have a name. */
export const faultKinds = [
  'drop',
  'lose',
  'sever',
  'truncate',
  'corrupt',
  'wrong-digest',
  'delay',
  'kill',
  'kill-after',
] as const

/** Something to go wrong at a request, or at several. */
export interface Fault {
  readonly kind: FaultKind
  /** The request it begins at, counted from 1 among those that match. @default 1 */
  readonly at?: number
  /** The last request; Infinity: from `at` on. @default `at` */
  readonly until?: number
  /** Milliseconds of `delay` (@default 1000), seconds of Retry-After, the process that `kill` ends. */
  readonly value?: number
  /** Only requests of this method count. */
  readonly method?: string
  /** Only requests whose path, with query, contains this count. */
  readonly path?: string | RegExp
  /** What `kill` does instead of ending a process. */
  readonly onKill?: (request: RegistryRequest) => unknown
}

/** Faults as data, or as text (`drop@7,503@9-11`). */
export type Faults = readonly Fault[] | string
