import { Readable, pipeline, type Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { WaybillError, messageOf, type ByteStream } from '@waybill/core'
import { evenly } from './deflate.ts'
import { isEngineError } from './inflate.ts'
import { invalidZstd, wholeFrames } from './zstd-frames.ts'
import { unzstdPlain } from './zstd-plain.ts'

type Factory = (options?: object) => Transform

// Node has zstd from 22.15 and 23.8 on; the types of the oldest line we support don't know it.
const zstdOf = zlib as unknown as {
  readonly createZstdCompress?: Factory
  readonly createZstdDecompress?: Factory
  readonly constants: {
    readonly ZSTD_c_checksumFlag?: number
    readonly ZSTD_d_windowLogMax?: number
  }
}

/** Whether this runtime can write zstd; every one can read it. */
export function hasZstd(): boolean {
  return zstdOf.createZstdCompress !== undefined
}

/** Compresses with zstd at its default level, with a checksum. @throws {ERR_ZSTD_MISSING} */
export async function* zstd(stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  const params = { [zstdOf.constants.ZSTD_c_checksumFlag ?? 201]: 1 }
  const engine = make(zstdOf.createZstdCompress, { params })
  pipeline(Readable.from(evenly(stream)), engine, () => {})
  for await (const chunk of engine) yield chunk as Uint8Array
}

// A frame says how much of the past it refers to; beyond 32 MB it is refused, since that much memory would be taken on its word.
const WINDOW_LOG = 25

/**
 * Decompresses zstd, one frame or several after another; anything else after them is refused. Where the runtime has no zstd a decoder in
 * JavaScript does it, at a tenth of the speed and without a look at a frame's own checksum.
 * @throws {ERR_INVALID_ZSTD}
 */
export function unzstd(stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  const frames = wholeFrames(stream, 2 ** WINDOW_LOG)
  return hasZstd() ? unzstdNative(frames) : unzstdPlain(frames)
}

async function* unzstdNative(frames: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  const params = { [zstdOf.constants.ZSTD_d_windowLogMax ?? 100]: WINDOW_LOG }
  const engine = make(zstdOf.createZstdDecompress, { params })
  pipeline(Readable.from(frames), engine, () => {})
  try {
    for await (const chunk of engine) yield chunk as Uint8Array
  } catch (error) {
    throw isEngineError(error) ? invalidZstd(messageOf(error), error) : error
  }
}

function make(factory: Factory | undefined, options: object = {}): Transform {
  assertZstd()
  return factory!(options)
}

/** @throws {ERR_ZSTD_MISSING} where the runtime cannot write it. */
export function assertZstd(): void {
  if (hasZstd()) return
  throw new WaybillError(
    'ERR_ZSTD_MISSING',
    `Node ${process.versions.node} cannot write zstd; Node 22.15 and later can`,
    { hint: 'Use Node 22.15 or later, or the format tar.gz.', outcome: 'usage' },
  )
}
