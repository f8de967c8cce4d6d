import { Readable, pipeline, type Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { WaybillError, messageOf, type ByteStream } from '@waybill/core'
import { evenly } from './deflate.ts'
import { isEngineError } from './inflate.ts'
import { invalidZstd, wholeFrames } from './zstd-frames.ts'

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

/** Whether this runtime can write and read zstd. */
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

/** Decompresses zstd, one frame or several after another; anything else after them is refused. @throws {ERR_ZSTD_MISSING} {ERR_INVALID_ZSTD} */
export async function* unzstd(stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  const params = { [zstdOf.constants.ZSTD_d_windowLogMax ?? 100]: WINDOW_LOG }
  const engine = make(zstdOf.createZstdDecompress, { params })
  pipeline(Readable.from(wholeFrames(stream)), engine, () => {})
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

/** @throws {ERR_ZSTD_MISSING} where the runtime has none. */
export function assertZstd(): void {
  if (hasZstd()) return
  throw new WaybillError(
    'ERR_ZSTD_MISSING',
    `Node ${process.versions.node} has no zstd; it comes with Node 22.15`,
    { hint: 'Run with a newer Node, or use tar.gz.', outcome: 'usage' },
  )
}
