import type { ClientRequest, IncomingMessage } from 'node:http'
import type { ByteStream } from '../../values/bytes.ts'
import { WaybillError, isWaybillError, messageOf } from '../../values/error.ts'
import { shown } from './errors.ts'
import { PIECE, PIECE_WINDOWS, type StepTimer } from './pace.ts'
import type { HttpRequest } from '../../ports/http.ts'

/** A request whose method is decided. */
export type NamedRequest = HttpRequest & { readonly method: string }

export interface Sending {
  readonly url: string
  readonly window: number
  readonly patience: StepTimer
}

/** Sends a request's body, if it has one, and ends the request. @throws {ERR_UNREADABLE} where the body itself fails. */
export async function pour(
  request: NamedRequest,
  outgoing: ClientRequest,
  sending: Sending,
): Promise<void> {
  const { body } = request
  if (body === undefined) return void outgoing.end()
  try {
    const pieces = typeof body === 'function' ? body() : [body]
    if (await pourPieces(pieces, outgoing, sending)) outgoing.end()
  } catch (error) {
    if (isWaybillError(error)) throw error
    const message = `The body of ${request.method} ${shown(sending.url)} could not be read: ${messageOf(error)}`
    throw new WaybillError('ERR_UNREADABLE', message, { cause: error })
  }
}

// Tells whether everything was sent: a server may answer (no right, too large) long before, and then takes no more.
async function pourPieces(
  pieces: ByteStream,
  outgoing: ClientRequest,
  { window, patience }: Sending,
): Promise<boolean> {
  const announced = Number(outgoing.getHeader('content-length') ?? Number.NaN)
  let sent = 0
  let answered = false
  outgoing.once('response', (response: IncomingMessage) => {
    answered = true
    if (sent < announced) response.once('close', () => outgoing.destroy())
  })
  for await (const piece of pieces) {
    for (let at = 0; at < piece.byteLength; at += PIECE) {
      if (outgoing.destroyed || (answered && sent < announced)) return false
      const part = piece.subarray(at, at + PIECE)
      sent += part.byteLength
      if (outgoing.write(part)) continue
      if (!answered) patience.allow(PIECE_WINDOWS * window)
      await drained(outgoing)
      patience.stop()
    }
  }
  return !outgoing.destroyed
}

// Until more may be written, or nothing more is wanted. Bare listeners: `once` with a signal makes an error for every one it gives up.
function drained(outgoing: ClientRequest): Promise<void> {
  const events = ['drain', 'close', 'response']
  return new Promise((done) => {
    const settle = (): void => {
      for (const name of events) outgoing.off(name, settle)
      done()
    }
    for (const name of events) outgoing.on(name, settle)
  })
}
