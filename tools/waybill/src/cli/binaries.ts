import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { formatPlatform, parseKnownPlatform, type Artifact, type Context } from '@waybill/core'
import { describeBinaries } from '@waybill/image'

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
  { cwd, out, signal }: Context,
): Promise<Artifact[]> {
  const each = Object.entries(files).map(([platform, file]) => [platform, resolve(cwd, file)])
  return describeBinaries(Object.fromEntries(each) as Record<string, string>, { out, signal })
}
