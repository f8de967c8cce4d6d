// The rule for every answer, whatever its status and encoding: it comes at a least rate or the connection is given up. One time, the
// window (`timeout` of the client, a minute), measures all of it; silence alone would let a byte a second hold a run for ever.

/** What has to come within a window of waiting, in bytes a second. */
const LEAST_RATE = 1024

/** How many windows one piece of a request's body may take, and how long a piece is at most: the same rate in the other direction. */
export const PIECE_WINDOWS = 4
export const PIECE: number = 256 * 1024

/** A body that nobody wants is read up to here and this long, in bytes and milliseconds; a new connection costs less than the rest. */
export const DROPPED: { readonly bytes: number; readonly time: number } = {
  bytes: 256 * 1024,
  time: 1000,
}

const MEBIBYTE = 1024 * 1024

/** Milliseconds in which a body that is collected whole has to be there: a window for every mebibyte that it may have. */
export function wholeTime(window: number, limit: number): number {
  return window * Math.max(1, Math.ceil(limit / MEBIBYTE))
}

/** Watches what comes while somebody waits for it; the time in which nobody asks for more does not count. */
export interface Pace {
  wait(): void
  came(bytes: number): void
  stop(): void
}

/** Starts watching; `giveUp` is told why, once too little has come in a window. */
export function createPace(window: number, giveUp: (reason: string) => void): Pace {
  const least = (LEAST_RATE * window) / 1000
  let bytes = 0
  let waited = 0
  let since = 0
  let timer: NodeJS.Timeout | undefined

  function judge(): void {
    if (bytes < least) giveUp(`only ${bytes} bytes came in ${window} ms`)
    bytes = 0
    waited = 0
  }

  function wait(): void {
    since = performance.now()
    timer = setTimeout(() => {
      judge()
      wait()
    }, window - waited)
  }

  return {
    wait,
    came(count) {
      clearTimeout(timer)
      waited += performance.now() - since
      bytes += count
      if (waited >= window) judge()
    },
    stop: () => clearTimeout(timer),
  }
}

/** A timer that is set anew with every step and tells when one took too long. */
export interface StepTimer {
  allow(milliseconds: number): void
  stop(): void
}

/** Makes one that is not running yet. */
export function createStepTimer(giveUp: (reason: string) => void): StepTimer {
  let timer: NodeJS.Timeout | undefined
  return {
    allow(milliseconds) {
      clearTimeout(timer)
      timer = setTimeout(() => giveUp(`no answer within ${milliseconds} ms`), milliseconds)
    },
    stop: () => clearTimeout(timer),
  }
}
