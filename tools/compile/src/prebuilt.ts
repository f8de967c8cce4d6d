import { copyFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { WaybillError, expandTemplate, formatPlatform } from '@waybill/core'
import { createTarget, platformFolder, targetRow } from './targets.ts'
import type { Expectation, Source, Target, Toolchain } from './toolchain.ts'

export interface PrebuiltOptions {
  /** The binary's name, without `.exe`. */
  readonly binary: string
  /** Where the files lie, relative to the component's folder: `bin/{platform}/tool`. `{platform}` is `linux-amd64`; also `{os}`, `{arch}`, `{triple}`, `{binary}`, `{file}` (with `.exe`). */
  readonly from?: string | undefined
  /** They must be static. */
  readonly static?: boolean | undefined
  /** They must start on this glibc. */
  readonly glibc?: string | undefined
  /** The only libraries they may need. @default any */
  readonly libraries?: readonly string[] | undefined
}

/** Takes binaries that exist already; they are checked all the same. */
export function prebuilt(options: PrebuiltOptions): Toolchain {
  const { binary, from = missingFrom(), static: isStatic, glibc, libraries } = options
  const expected = withoutUndefined({ static: isStatic, glibc, libraries })
  const path = (source: Source, target: Target): string =>
    resolve(source.folder, expandTemplate(from, templateOf(target, binary), 'prebuilt `from`'))
  return {
    name: 'prebuilt',
    binary,
    options: { from, ...expected },
    target: (platform) => createTarget(platform, targetRow(platform, 'prebuilt').rust, binary),
    probe: () => Promise.resolve({ name: 'prebuilt', file: '', version: '1' }),
    inputs: async (source, target) => [await noPipe(path(source, target), target)],
    async build({ source, target, output }) {
      const file = await noPipe(path(source, target), target)
      await copyFile(file, output).catch((error: unknown) => {
        throw missing(file, target, error)
      })
    },
    expect: () => expected,
  }
}

// Reading a pipe would wait for ever.
async function noPipe(file: string, target: Target): Promise<string> {
  const stats = await stat(file).catch(() => undefined)
  if (stats === undefined || stats.isFile()) return file
  throw missing(file, target, new Error(`${file} is no file`))
}

function missingFrom(): never {
  throw new WaybillError('ERR_INVALID_OPTION', 'prebuilt: expected `from`, found nothing', {
    hint: 'Say where the binaries lie: bin/{platform}/tool.',
    outcome: 'usage',
  })
}

/** The variables of a target in templates. */
export function templateOf(target: Target, binary: string): Readonly<Record<string, string>> {
  const { platform, triple, file } = target
  const { os, architecture } = platform
  return { platform: platformFolder(platform), os, arch: architecture, triple, binary, file }
}

/** Leaves out what was not given. */
export function withoutUndefined(expectation: {
  readonly [Key in keyof Expectation]: Expectation[Key] | undefined
}): Expectation {
  const given = Object.entries(expectation).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given)
}

function missing(file: string, target: Target, cause: unknown): WaybillError {
  const platform = formatPlatform(target.platform)
  return new WaybillError(
    'ERR_PREBUILT_MISSING',
    `The prebuilt ${target.file} for ${platform} is not there: expected a file at ${file}`,
    {
      hint: 'Put it there before the release, or correct `from`.',
      details: { file, platform },
      cause,
    },
  )
}
