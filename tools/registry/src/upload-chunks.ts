import { header } from '@waybill/core'
import type { HttpResponse } from '@waybill/core'
import {
  nextSession,
  sendTo,
  withDigest,
  type BlobToUpload,
  type Session,
} from './upload-session.ts'

// What the strictest registry (GHCR) takes in one piece.
const CHUNK = 4 * 1024 * 1024

/** Uploads a blob in pieces; answers the last request's response. OCI distribution-spec, "Pushing a blob in chunks". */
export async function putChunks(
  start: Session,
  blob: BlobToUpload,
  signal: AbortSignal,
): Promise<HttpResponse> {
  let session = start
  let position = 0
  for await (const chunk of rechunk(blob.open(), CHUNK)) {
    const response = await sendTo(session, signal, {
      method: 'PATCH',
      headers: {
        'content-type': 'application/octet-stream',
        'content-range': `${position}-${position + chunk.byteLength - 1}`,
      },
      body: chunk,
    })
    position += chunk.byteLength
    if (response.status !== 202 || !hasAll(response, position)) return response
    await response.discard()
    session = nextSession(session.place, response, session)
  }
  const url = withDigest(session, blob.descriptor)
  return sendTo({ ...session, url }, signal, { method: 'PUT', body: new Uint8Array(0) })
}

// `Range: 0-<last>` says what the registry has; one that has less has dropped a piece.
function hasAll(response: HttpResponse, position: number): boolean {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(header(response, 'range') ?? '')?.[1]
  return last === undefined || Number(last) === position - 1
}

/** Cuts a stream anew into pieces of one size; the last may be shorter. */
export async function* rechunk(
  stream: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let parts: Uint8Array[] = []
  let length = 0
  for await (const piece of stream) {
    for (let rest = piece; rest.byteLength > 0;) {
      const part = rest.subarray(0, size - length)
      parts.push(part)
      length += part.byteLength
      rest = rest.subarray(part.byteLength)
      if (length < size) continue
      yield Buffer.concat(parts)
      parts = []
      length = 0
    }
  }
  if (length > 0) yield Buffer.concat(parts)
}
