import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { WaybillError, writeFileAtomic, type Context } from '@waybill/core'
import { gzip } from '@waybill/archive'
import { readImages, untilCancelled, writeLayout } from '@waybill/oci'
import { writeDockerArchive, type AssembledImage } from '@waybill/image'
import { unprinted } from '../run/output.ts'
import { isArchiveName } from './image-place.ts'

/** What an image is written as: an OCI layout in a folder, or a docker archive, which holds one platform. */
export interface ImageOutput {
  /** Relative to `cwd`, or `-` for standard output. */
  readonly out?: string
  /** What it is called in the layout or archive. */
  readonly reference?: string
  readonly binary?: Readonly<Record<string, string>>
  readonly json?: boolean
}

/** Whether an image goes to standard output. */
export const isPiped = ({ out }: ImageOutput): boolean => out === '-'

const isArchive = ({ out }: ImageOutput): boolean =>
  out !== undefined && (out === '-' || isArchiveName(out))

/** Refuses what cannot be written. @throws {ERR_USAGE} */
export function checkOutput(output: ImageOutput): void {
  const platforms = Object.keys(output.binary ?? {})
  if (isArchive(output) && platforms.length > 1)
    throw usage(
      `--out ${output.out} is a docker archive and holds one platform, not ${platforms.join(', ')}`,
      'Give one --binary, or write an OCI layout: --out FOLDER.',
    )
  if (isPiped(output) && output.json === true)
    throw usage('--out - and --json both want standard output', 'Write to a file: --out FILE.tar.')
}

/**
 * Writes an image, whole or not at all: the layout or docker archive (`.tar`, `.tar.gz`, `.tgz`, `-`) that `out` names.
 * @throws {ERR_DISK_FULL} {ERR_NOT_WRITABLE} {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING}
 */
export async function writeImage(
  { content }: AssembledImage,
  output: ImageOutput,
  context: Context,
): Promise<void> {
  const { reference } = output
  const named = reference === undefined ? {} : { reference }
  if (!isArchive(output)) {
    await writeLayout(content, context.out, { ...context, ...named })
    return
  }
  const [image] = await readImages(content)
  const tar = untilCancelled(
    writeDockerArchive(content, image!, { tag: reference }),
    context.signal,
  )
  if (isPiped(output)) await pipe(tar)
  else await writeFileAtomic(context.out, /gz$/i.test(context.out) ? gzip(tar, { level: 6 }) : tar)
}

async function pipe(stream: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await pipeline(Readable.from(stream), process.stdout, { end: false })
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (syscall !== 'write' && code !== 'EPIPE') throw error
    throw unprinted(error, 'Make room, or look at what the program behind the pipe said.')
  }
}

const usage = (message: string, hint: string): WaybillError =>
  new WaybillError('ERR_USAGE', `waybill image: ${message}`, { outcome: 'usage', hint })
