import { writeFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import {
  WaybillError,
  expandTemplate,
  formatPlatform,
  insideRepository,
  isWaybillError,
  openInside,
} from '@waybill/core'
import { createTarget, platformFolder, targetRow } from './targets.ts'
import type { Expectation, BuildSource, BuildTarget, Toolchain } from './toolchain.ts'

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
  const path = (source: BuildSource, target: BuildTarget): string =>
    relative(
      source.root,
      resolve(source.folder, expandTemplate(from, templateOf(target, binary), 'prebuilt `from`')),
    )
  return {
    name: 'prebuilt',
    binary,
    options: { from, ...expected },
    target: (platform) => createTarget(platform, targetRow(platform, 'prebuilt').rust, binary),
    probe: () => Promise.resolve({ name: 'prebuilt', file: '', version: '1' }),
    inputs: async (source, target) => [await insideRepository(source.root, path(source, target))],
    async build({ source, target, output }) {
      await copyInside(source.root, path(source, target), output).catch((error: unknown) => {
        throw isWaybillError(error, 'ERR_OUTSIDE_REPOSITORY')
          ? error
          : missing(resolve(source.root, path(source, target)), target, error)
      })
    },
    expect: () => expected,
  }
}

async function copyInside(root: string, path: string, output: string): Promise<void> {
  const file = await openInside(insideRepository, root, path)
  try {
    await writeFile(output, file.createReadStream({ autoClose: false }))
  } finally {
    await file.close()
  }
}

function missingFrom(): never {
  throw new WaybillError('ERR_INVALID_OPTION', 'prebuilt: expected `from`, found nothing', {
    hint: 'Say where the binaries lie: bin/{platform}/tool.',
    outcome: 'usage',
  })
}

/** The variables of a target in templates. */
export function templateOf(target: BuildTarget, binary: string): Readonly<Record<string, string>> {
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

function missing(file: string, target: BuildTarget, cause: unknown): WaybillError {
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
