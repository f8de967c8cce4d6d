import { WaybillError } from '@waybill/core'
import type { AssertOptions } from './assert-static.ts'
import { compareDotted } from './compare-dotted.ts'
import type { BinaryFacts } from './facts.ts'

/** A symbol version that a C library of the floor's version doesn't have. */
export interface FloorViolation {
  readonly library: string
  /** As written: `GLIBC_2.34`. */
  readonly version: string
  /** The first glibc that has it, or null where only the very same build does. */
  readonly since: string | null
}

// Markers without a number: what glibc's loader checks for. glibc NEWS 2.36 and 2.42.
const MARKERS: Readonly<Record<string, string>> = {
  GLIBC_ABI_DT_RELR: '2.36',
  GLIBC_ABI_GNU2_TLS: '2.42',
  GLIBC_ABI_GNU_TLS: '2.42',
}

/** The symbol versions of a binary that are newer than a glibc floor (`2.28`). */
export function aboveFloor(facts: BinaryFacts, floor: string): readonly FloorViolation[] {
  return facts.requires.flatMap(({ library, versions }) =>
    versions
      .filter((version) => version.startsWith('GLIBC_'))
      .map((version) => ({ library, version, since: sinceOf(version) }))
      .filter(({ since }) => since === null || compareDotted(since, floor) > 0),
  )
}

function sinceOf(version: string): string | null {
  const number = /^GLIBC_(\d+(?:\.\d+)*)$/.exec(version)?.[1]
  return number ?? MARKERS[version] ?? null
}

/**
 * Checks that a binary starts on a glibc of the given version. A binary that isn't linked with glibc has no floor and passes.
 * @throws {ERR_ABOVE_FLOOR} naming library and symbol version. {ERR_INVALID_FLOOR} for what is no dotted number.
 */
export function assertFloor(facts: BinaryFacts, floor: string, options: AssertOptions = {}): void {
  checkFloor(floor)
  const violations = aboveFloor(facts, floor)
  if (violations.length === 0) return
  const listed = violations.map(({ library, version }) => `${version} of ${library}`).join(', ')
  throw new WaybillError(
    'ERR_ABOVE_FLOOR',
    `${options.name ?? 'The binary'}: expected to start on glibc ${floor}, but it needs ${listed}`,
    {
      hint: 'Build it with a toolchain that knows glibc floors (zig, cargo-zigbuild), or raise the floor.',
      details: { floor, violations },
    },
  )
}

function checkFloor(floor: string): void {
  if (/^\d+\.\d+(\.\d+)?$/.test(floor)) return
  throw new WaybillError(
    'ERR_INVALID_FLOOR',
    `Expected a glibc version as 2.28, found "${floor}"`,
    {
      outcome: 'usage',
    },
  )
}
