import { stat } from 'node:fs/promises'
import { basename, relative } from 'node:path'
import { WaybillError, isWaybillError, messageOf, type Artifact } from '@waybill/core'
import { hashFile, withBytes, type ByteBudget } from '../known-bytes.ts'

const MEGABYTE = 1024 * 1024
// Whatever fits into the memory that a release may take is kept there once it was read; two of the largest at most.
const SMALL = 32 * MEGABYTE
const ROOM = 64 * MEGABYTE

/** Whether a binary is held in memory while its layer is made. */
export const isSmall = ({ size }: Pick<Artifact, 'size'>): boolean => size <= SMALL

/**
 * Reads binaries that lie anywhere, by their platforms (`os/architecture[/variant]`), and describes them as artifacts, their paths relative to
 * `out`. Up to 32 MiB of each, and 64 MiB of all, stay in memory as long as the artifacts do: `assemble` takes the bytes that were hashed, and
 * reads nothing twice.
 * @throws {ERR_CANCELLED} {ERR_NO_BINARY} for what cannot be read, or is no file.
 */
export function describeBinaries(
  files: Readonly<Record<string, string>>,
  { out, signal }: { readonly out: string; readonly signal?: AbortSignal | undefined },
): Promise<Artifact[]> {
  const room = { bytes: ROOM, each: SMALL }
  const each = Object.entries(files).map(async ([platform, file]) => {
    try {
      return await describe(platform, file, { out, room, signal })
    } catch (error) {
      throw isWaybillError(error, 'ERR_CANCELLED') ? error : noBinary(platform, file, error)
    }
  })
  return Promise.all(each)
}

interface Describing {
  readonly out: string
  readonly room: ByteBudget
  readonly signal: AbortSignal | undefined
}

async function describe(
  platform: string,
  file: string,
  { out, room, signal }: Describing,
): Promise<Artifact> {
  if (!(await stat(file)).isFile()) throw new Error('not a file')
  const hashed = await hashFile(file, room, signal)
  const { digest, size } = hashed
  const name = basename(file)
  return withBytes(
    { kind: 'binary', name, path: relative(out, file), digest, size, platform },
    hashed,
  )
}

function noBinary(platform: string, file: string, cause: unknown): WaybillError {
  const message = `The binary for ${platform}, ${file}, could not be read: ${messageOf(cause)}`
  return new WaybillError('ERR_NO_BINARY', message, {
    outcome: 'usage',
    details: { platform, file },
    cause,
  })
}
