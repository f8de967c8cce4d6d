import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WaybillError, formatPlatform } from '@waybill/core'
import { compareDotted } from '@waybill/binary'
import type { BuildTarget } from './toolchain.ts'

// The first glibc of each architecture: SHLIB versions in glibc's sysdeps/*/shlib-versions.
const FIRST: Readonly<Record<string, string>> = {
  amd64: '2.2.5',
  arm64: '2.17',
  arm: '2.4',
  riscv64: '2.27',
  ppc64le: '2.17',
  s390x: '2.2',
  loong64: '2.36',
}

/** The glibc versions that a Zig installation can link against, from its own list (`lib/libc/glibc/abilists`). */
export async function zigGlibcVersions(libDir: string): Promise<readonly string[]> {
  const bytes = await readFile(join(libDir, 'libc/glibc/abilists'))
  let at = 1
  for (let library = 0; library < bytes[0]!; library++) at = bytes.indexOf(0, at) + 1
  const count = bytes[at++]!
  const triples = Array.from({ length: count }, (_, index) =>
    bytes.subarray(at + index * 3, at + index * 3 + 3),
  )
  return triples.map(
    ([major, minor, patch]) => `${major}.${minor}${patch === 0 ? '' : `.${patch}`}`,
  )
}

/**
 * Checks that a floor exists for every target, before anything is built: the tools would silently take another.
 * @throws {ERR_UNKNOWN_GLIBC} naming the nearest known versions.
 */
export function checkGlibcFloor(
  floor: string,
  known: readonly string[],
  targets: readonly BuildTarget[],
): void {
  if (!known.includes(floor)) throw unknownGlibc(floor, known)
  for (const { platform } of targets) {
    const first = FIRST[platform.architecture]
    if (platform.os !== 'linux' || first === undefined) continue
    if (compareDotted(floor, first) < 0) {
      throw new WaybillError(
        'ERR_UNKNOWN_GLIBC',
        `glibc ${floor} never existed for ${formatPlatform(platform)}: its first is ${first}`,
        { outcome: 'usage', details: { floor, first, platform: formatPlatform(platform) } },
      )
    }
  }
}

function unknownGlibc(floor: string, known: readonly string[]): WaybillError {
  const newest = known.toSorted(compareDotted).at(-1)
  return new WaybillError(
    'ERR_UNKNOWN_GLIBC',
    `The toolchain does not know glibc ${floor}; it knows ${known[0]} to ${newest}`,
    {
      hint: 'Without this check it would silently build for another glibc. Choose a floor it knows, such as 2.28.',
      outcome: 'usage',
      details: { floor, known },
    },
  )
}
