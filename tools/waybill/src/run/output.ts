import { Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { WaybillError, isDiskFull, messageOf } from '@waybill/core'

/** What a terminal, or a pipe in its place, must offer. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** An output for words that nothing depends on; `close` lets go of what it stands before. */
export interface Told extends Output {
  close(): Promise<void>
}

/** An output that drops what it is given once it cannot be written: progress nobody can read must not end the work it speaks of. */
export function tolerantOutput(output: Output): Told {
  let isLost = false
  const lose = (): void => {
    isLost = true
  }
  const stream = output instanceof Writable ? output : undefined
  stream?.on('error', lose) // without a listener Node ends the process
  return {
    isTTY: output.isTTY,
    get columns() {
      return output.columns
    },
    write(text) {
      try {
        if (!isLost) output.write(text)
      } catch {
        lose() // a file's stream throws where a pipe's one emits
      }
    },
    async close() {
      await turn()
      if (!isLost) stream?.off('error', lose)
    },
  }
}

/**
 * Writes a result and waits until it is out. Resolves to whether anybody reads there: a reader such as `head` may leave when it has enough.
 * @throws {ERR_DISK_FULL} {ERR_NOT_WRITABLE}
 */
export async function print(output: Output, text: string): Promise<boolean> {
  try {
    if (text !== '') await written(output, text)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return false
    throw unprinted(error)
  }
}

function written(output: Output, text: string): Promise<void> {
  return new Promise((done, fail) => {
    if (!(output instanceof Writable)) return done(void output.write(text))
    output.once('error', fail)
    output.write(text, (error) => {
      if (error !== null && error !== undefined) return fail(error) // and the event comes after
      output.off('error', fail)
      done()
    })
  })
}

/** The error for what could not be written to standard output. */
export function unprinted(cause: unknown, hint: string = RESULT_LOST): WaybillError {
  const isFull = isDiskFull(cause)
  const why = isFull ? 'there is no room left' : messageOf(cause)
  return new WaybillError(
    isFull ? 'ERR_DISK_FULL' : 'ERR_NOT_WRITABLE',
    `stdout cannot be written: ${why}`,
    { hint, cause },
  )
}

const RESULT_LOST =
  'Only the result is lost, the work is done: make room and run the same again to see it.'
