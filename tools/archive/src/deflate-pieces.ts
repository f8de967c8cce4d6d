import { constants, deflateRaw, deflateRawSync, type ZlibOptions } from 'node:zlib'
import { deferRejection, type ByteStream } from '@waybill/core'
import { evenly } from './deflate.ts'

/** A part of a stream, and what raw deflate makes of it alone. */
export interface DeflatedPiece {
  readonly bytes: Uint8Array
  /** Ends on a byte boundary, so that further pieces may follow. */
  readonly deflated: Uint8Array
}

/** What raw deflate spends; each of them is a part of what its bytes are. */
export interface Effort {
  /** 1 (fastest) to 9 (smallest). */
  readonly level: number
  /** How far back repetitions are looked for, 9 to 15, as a power of two. @default 15 */
  readonly windowBits?: number
  /** Memory for what is looked up, 1 to 9. @default 8 */
  readonly memLevel?: number
}

export interface PieceOptions extends Effort {
  /** Whether the last piece ends the deflate stream. @default false */
  readonly final?: boolean
  /** Told of each whole piece's bytes when the next piece is asked for, and so may be filled anew. */
  readonly onDone?: (bytes: Uint8Array) => void
}

/** Bytes of content that are compressed by themselves. */
export const DEFLATE_PIECE: number = 1024 * 1024
// So many wait for their turn, or to be taken.
const MAX_QUEUED = 4

/**
 * Compresses a stream in pieces of a megabyte, several at the same time, and gives them in their order. Joined they are one raw deflate
 * stream, 0.1 % larger than if it were compressed in one go; the bytes depend neither on the pieces it comes in nor on the number of cores.
 */
export async function* deflatePieces(
  stream: ByteStream,
  options: PieceOptions,
): AsyncGenerator<DeflatedPiece, void, undefined> {
  const started: Promise<DeflatedPiece>[] = []
  const { final, onDone, ...effort } = options
  async function* next(): AsyncGenerator<DeflatedPiece, void, undefined> {
    const piece = await started.shift()!
    yield piece
    onDone?.(piece.bytes)
  }
  for await (const bytes of evenly(stream, DEFLATE_PIECE)) {
    started.push(deferRejection(deflatePiece(bytes, effort, false)))
    if (started.length > MAX_QUEUED) yield* next()
  }
  while (started.length > 0) yield* next()
  if (final === true) yield deflatePiece(new Uint8Array(0), effort, true)
}

// Node has four threads for such work: whoever inflates or reads files at the same time must find one that is free.
const MAX_THREADS = 3
// Bytes that take less time than the way to another thread and back.
const SYNC_LIMIT = 16 * 1024
let running = 0
const waiting: (() => void)[] = []

async function deflatePiece(
  bytes: Uint8Array,
  effort: Effort,
  final: boolean,
): Promise<DeflatedPiece> {
  const options = optionsFor(bytes, effort, final)
  // Done before it would be its turn.
  if (bytes.byteLength <= SYNC_LIMIT) return { bytes, deflated: deflateRawSync(bytes, options) }
  if (running >= MAX_THREADS) await new Promise<void>((go) => void waiting.push(go))
  else running++
  try {
    return await deflate(bytes, options)
  } finally {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
}

function optionsFor({ byteLength }: Uint8Array, effort: Effort, final: boolean): ZlibOptions {
  const finishFlush = final ? constants.Z_FINISH : constants.Z_SYNC_FLUSH
  return { ...effort, finishFlush, chunkSize: mostOf(byteLength) } // all of it in one step
}

// What cannot be compressed grows a little: zlib's deflateBound, rounded up.
const mostOf = (length: number): number => 1024 + length + (length >> 10)

function deflate(bytes: Uint8Array, options: ZlibOptions): Promise<DeflatedPiece> {
  return new Promise((done, fail) => {
    deflateRaw(bytes, options, (error, deflated) =>
      error === null ? done({ bytes, deflated }) : fail(error),
    )
  })
}
