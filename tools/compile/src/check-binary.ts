import { WaybillError, formatPlatform, samePlatform } from '@waybill/core'
import { assertFloor, assertStatic, inspect, platformOf, type BinaryFacts } from '@waybill/binary'
import type { Expectation, BuildTarget } from './toolchain.ts'

/** The libraries that glibc itself consists of: what a program with a floor may need. */
export const GLIBC_LIBRARIES: readonly string[] = [
  'libc.so.6',
  'libm.so.6',
  'libdl.so.2',
  'libpthread.so.0',
  'librt.so.1',
  'libutil.so.1',
  'libresolv.so.2',
  'ld-linux*',
  'ld64.so*',
]

/** How a C library is linked, and what else may be needed. */
export interface LinkOptions {
  readonly static?: boolean | undefined
  readonly glibc: string
  readonly libraries?: readonly string[] | undefined
}

/** What a linked program must be: on Linux static, or in need of an old enough glibc and of named libraries alone. */
export function linkExpectation({ platform }: BuildTarget, options: LinkOptions): Expectation {
  if (platform.os !== 'linux') return {}
  if (options.static === true) return { static: true }
  return { glibc: options.glibc, libraries: [...GLIBC_LIBRARIES, ...(options.libraries ?? [])] }
}

/**
 * Checks that a built file is what was asked for: its machine, its linkage, its glibc floor, its libraries.
 * @throws {ERR_WRONG_PLATFORM} {ERR_NOT_STATIC} {ERR_ABOVE_FLOOR} {ERR_UNEXPECTED_LIBRARY}
 */
export async function checkBinary(
  file: string,
  target: BuildTarget,
  expectation: Expectation,
): Promise<BinaryFacts> {
  const name = `${target.file} for ${formatPlatform(target.platform)}`
  const facts = await inspect(file, { name })
  checkPlatform(facts, target, name)
  if (expectation.static === true && target.platform.os === 'linux') assertStatic(facts, { name })
  if (expectation.glibc !== undefined) assertFloor(facts, expectation.glibc, { name })
  checkLibraries(facts, expectation.libraries, name)
  return facts
}

function checkPlatform(facts: BinaryFacts, { platform }: BuildTarget, name: string): void {
  const found = facts.slices.length > 0 ? facts.slices : [facts]
  const platforms = found.map((slice) => platformOf(slice))
  // An ELF header doesn't tell an ARM's variant.
  const same = platforms.some((one) =>
    samePlatform(one.variant === undefined ? { ...platform, ...one } : one, platform),
  )
  if (same) return
  const is = platforms.map((one) => formatPlatform(one)).join(', ')
  throw new WaybillError(
    'ERR_WRONG_PLATFORM',
    `${name}: the file is for ${is} (machine ${facts.machine})`,
    {
      hint: 'The build wrote a binary for another platform, or two platforms were swapped.',
      details: { expected: formatPlatform(platform), found: is, machine: facts.machine },
    },
  )
}

function checkLibraries(
  facts: BinaryFacts,
  allowed: readonly string[] | undefined,
  name: string,
): void {
  if (allowed === undefined || facts.format !== 'elf') return
  const unexpected = facts.needed.filter(
    (library) => !allowed.some((pattern) => matches(library, pattern)),
  )
  if (unexpected.length === 0) return
  throw new WaybillError(
    'ERR_UNEXPECTED_LIBRARY',
    `${name} needs ${unexpected.join(', ')}, which no base with glibc alone has`,
    {
      hint: "Link it statically, or name it in the toolchain's `libraries` and choose a base that has it.",
      details: { unexpected, needed: facts.needed },
    },
  )
}

const matches = (library: string, pattern: string): boolean =>
  pattern.endsWith('*') ? library.startsWith(pattern.slice(0, -1)) : library === pattern
