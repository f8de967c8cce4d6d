import { stat } from 'node:fs/promises'
import { basename, relative, resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import {
  WaybillError,
  digestFile,
  formatPlatform,
  messageOf,
  parseKnownPlatform,
  type Artifact,
  type Context,
} from '@waybill/core'

/** Collects `--binary os/arch=FILE`. */
export function binaryOption(
  text: string,
  before: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const at = text.indexOf('=')
  if (at < 1 || at === text.length - 1)
    throw new InvalidArgumentError(`Expected os/arch=FILE, found "${text}".`)
  const platform = formatPlatform(parseKnownPlatform(text.slice(0, at)))
  if (before !== undefined && platform in before)
    throw new InvalidArgumentError(`Two binaries for ${platform}.`)
  return { ...before, [platform]: text.slice(at + 1) }
}

/** Describes binaries that lie anywhere as artifacts. @throws {ERR_NO_BINARY} */
export function readBinaries(
  files: Readonly<Record<string, string>>,
  { cwd, out }: Context,
): Promise<Artifact[]> {
  return Promise.all(
    Object.entries(files).map(([platform, file]) => readBinary(platform, resolve(cwd, file), out)),
  )
}

async function readBinary(platform: string, file: string, out: string): Promise<Artifact> {
  try {
    if (!(await stat(file)).isFile()) throw new Error('not a file')
    const { digest, size } = await digestFile(file)
    return {
      kind: 'binary',
      name: basename(file),
      path: relative(out, file),
      digest,
      size,
      platform,
    }
  } catch (error) {
    throw new WaybillError(
      'ERR_NO_BINARY',
      `The binary for ${platform}, ${file}, could not be read: ${messageOf(error)}`,
      { outcome: 'usage', cause: error },
    )
  }
}
