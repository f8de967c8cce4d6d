import * as vm from 'node:vm'

/** What makes the error of work that took too long; it is given the milliseconds that it had. */
export type Late = (milliseconds: number) => Error

// Real input takes milliseconds, on a busy machine ten times as long; a signal that comes meanwhile waits no longer than this.
const LONGEST = 2000

let context: { work?: unknown } | undefined

/**
 * Runs work over foreign input (a pattern of a definition, a document) that never waits for anything, and ends it wherever it is once its
 * time (two seconds) is up: while such work runs neither a signal nor a time limit is seen. Node ends it in the middle of a regular
 * expression too, so patterns keep all that JavaScript's have. The work must leave nothing half done.
 * @throws what `late` makes
 */
export function inTime<Result>(work: () => Result, late: Late, timeout: number = LONGEST): Result {
  const inner = (context ??= vm.createContext({}) as { work?: unknown })
  const outer = inner.work
  inner.work = work
  try {
    return vm.runInContext('work()', inner, { timeout }) as Result
  } catch (error) {
    throw isTimeout(error) ? late(timeout) : error
  } finally {
    inner.work = outer
  }
}

// Node's own code.
const isTimeout = (error: unknown): boolean =>
  /^ERR_SCRIPT_EXECUTION_TIMEOUT$/.test(String((error as { readonly code?: unknown } | null)?.code))

// Two stars of a glob cost the square of a path's length, which is nothing; every further one costs once more that factor.
const FREE_STARS = 2

/** Whether a text matches the expression that a glob was made into. @throws what `late` makes for a glob of many stars that takes too long */
export function matchesGlob(expression: RegExp, text: string, late: Late): boolean {
  const stars = expression.source.split('*').length - 1
  return stars <= FREE_STARS ? expression.test(text) : inTime(() => expression.test(text), late)
}
