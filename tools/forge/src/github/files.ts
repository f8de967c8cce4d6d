import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { WaybillError, asFileError, hashed, isWaybillError, type Artifact } from '@waybill/core'

/** A file that a release shall have, and where it lies. */
export interface AssetFile {
  readonly artifact: Artifact
  /** Absolute. */
  readonly path: string
}

// GitHub puts a full stop in the place of other characters, and takes full stops off both ends: the name would be another.
const NAME = /^[A-Za-z0-9_+@-](?:[A-Za-z0-9._+@-]*[A-Za-z0-9_+@-])?$/

/**
 * The files of a release, each under a name that the forge keeps as it is.
 * @throws {ERR_INVALID_NAME} {ERR_NAME_COLLISION}
 */
export function releaseFiles(artifacts: readonly Artifact[], folder: string): AssetFile[] {
  for (const [index, { name }] of artifacts.entries()) {
    if (!NAME.test(name))
      throw new WaybillError('ERR_INVALID_NAME', `A release cannot hold a file named "${name}"`, {
        hint: 'Letters, digits, ".", "_", "-", "+" and "@" are kept as they are, a full stop at neither end.',
        outcome: 'usage',
      })
    if (artifacts.findIndex((other) => other.name === name) === index) continue
    throw new WaybillError('ERR_NAME_COLLISION', `Two files of the release are named "${name}"`, {
      hint: 'Name the archives apart, for example by {triple}.',
      outcome: 'usage',
    })
  }
  return artifacts.map((artifact) => ({ artifact, path: join(folder, artifact.path) }))
}

/**
 * Reads a file piece by piece, and holds its end back until it is known to be what the build made.
 * @throws {ERR_DIGEST_MISMATCH} {ERR_FILE_MISSING}
 */
export async function* readReleaseFile({ artifact, path }: AssetFile): AsyncGenerator<Uint8Array> {
  try {
    yield* hashed(artifact, readFileStream(path), path)
  } catch (error) {
    if (!isWaybillError(error, 'ERR_DIGEST_MISMATCH')) throw error
    throw new WaybillError(
      'ERR_DIGEST_MISMATCH',
      `${error.message}; it was changed after it was made`,
      {
        hint: 'Build it again.',
        details: { path, ...error.details },
      },
    )
  }
}

// @throws {ERR_FILE_MISSING}
async function* readFileStream(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Uint8Array
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw asFileError(error, path)
    throw new WaybillError('ERR_FILE_MISSING', `${path} does not exist`, {
      hint: 'Build it again.',
      cause: error,
    })
  }
}

const TYPES: Readonly<Record<string, string>> = {
  gz: 'application/gzip',
  zip: 'application/zip',
  zst: 'application/zstd',
  json: 'application/json',
  sha256: 'text/plain',
}

/** The media type a file is uploaded with. */
export function mediaTypeOf({ kind, name }: Artifact): string {
  const byEnding = TYPES[name.split('.').at(-1)!]
  return byEnding ?? (kind === 'checksums' ? 'text/plain' : 'application/octet-stream')
}
