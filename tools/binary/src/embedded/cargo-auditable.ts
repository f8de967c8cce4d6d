import { inflateSync } from 'node:zlib'
import { parseJson } from '@waybill/core'
import type { Pages } from '../pages.ts'

/** A crate as it went into a binary. */
export interface CargoPackage {
  readonly name: string
  readonly version: string
  /** `crates.io`, `git`, `local`, `registry` or another. */
  readonly source: string
  /** @default 'runtime' */
  readonly kind?: 'build' | 'runtime'
  /** Indexes of the packages it uses. */
  readonly dependencies?: readonly number[]
  readonly root?: boolean
}

/** What `cargo auditable` writes into a binary. */
export interface CargoAuditable {
  readonly packages: readonly CargoPackage[]
}

interface Range {
  readonly offset: number
  readonly size: number
}

const LARGEST = 8 * 1024 * 1024

/** Reads cargo-auditable's data; null where there is none or it is no valid data. PARSING.md of rust-secure-code/cargo-auditable. */
export async function readCargoAuditable(
  pages: Pages,
  range: Range | null,
): Promise<CargoAuditable | null> {
  if (range === null || range.size === 0 || range.size > LARGEST / 8) return null
  const bytes = await pages.bytes(range.offset, range.size, 'the cargo-auditable data')
  try {
    const text = inflateSync(bytes, { maxOutputLength: LARGEST })
    const value = parseJson(text, 'the cargo-auditable data') as { packages?: unknown } | null
    const packages = value?.packages
    return Array.isArray(packages) && packages.every(isPackage) ? { packages } : null
  } catch {
    return null // the section of another tool, or damaged: the program itself is none the worse
  }
}

function isPackage(value: unknown): value is CargoPackage {
  if (typeof value !== 'object' || value === null) return false
  const { name, version, source } = value as Record<string, unknown>
  return [name, version, source].every((text) => typeof text === 'string')
}
