import { WaybillError, formatPlatform, parsePlatform, type Platform } from '@waybill/core'
import type { BuildTarget } from './toolchain.ts'

interface Row {
  /** Rust's triple; `gnu` is replaced by `musl` where asked. */
  readonly rust: string
  /** Zig's architecture and system, without an ABI. */
  readonly zig: string
  readonly bun?: string
  readonly deno?: string
}

/** Every platform that some toolchain builds for, by its text. */
const TABLE: Readonly<Record<string, Row>> = {
  'linux/amd64': {
    rust: 'x86_64-unknown-linux-gnu',
    zig: 'x86_64-linux',
    bun: 'bun-linux-x64-baseline',
    deno: 'x86_64-unknown-linux-gnu',
  },
  'linux/arm64': {
    rust: 'aarch64-unknown-linux-gnu',
    zig: 'aarch64-linux',
    bun: 'bun-linux-arm64',
    deno: 'aarch64-unknown-linux-gnu',
  },
  'linux/386': { rust: 'i686-unknown-linux-gnu', zig: 'x86-linux' },
  'linux/arm/v7': { rust: 'armv7-unknown-linux-gnueabihf', zig: 'arm-linux' },
  'linux/arm/v6': { rust: 'arm-unknown-linux-gnueabihf', zig: 'arm-linux' },
  'linux/riscv64': { rust: 'riscv64gc-unknown-linux-gnu', zig: 'riscv64-linux' },
  'linux/ppc64le': { rust: 'powerpc64le-unknown-linux-gnu', zig: 'powerpc64le-linux' },
  'linux/s390x': { rust: 's390x-unknown-linux-gnu', zig: 's390x-linux' },
  'linux/loong64': { rust: 'loongarch64-unknown-linux-gnu', zig: 'loongarch64-linux' },
  'darwin/amd64': {
    rust: 'x86_64-apple-darwin',
    zig: 'x86_64-macos',
    bun: 'bun-darwin-x64',
    deno: 'x86_64-apple-darwin',
  },
  'darwin/arm64': {
    rust: 'aarch64-apple-darwin',
    zig: 'aarch64-macos',
    bun: 'bun-darwin-arm64',
    deno: 'aarch64-apple-darwin',
  },
  'windows/amd64': {
    rust: 'x86_64-pc-windows-gnu',
    zig: 'x86_64-windows',
    bun: 'bun-windows-x64',
    deno: 'x86_64-pc-windows-msvc',
  },
  'windows/arm64': { rust: 'aarch64-pc-windows-gnullvm', zig: 'aarch64-windows' },
}

/**
 * The table's row for a platform.
 * @throws {ERR_UNSUPPORTED_TARGET} naming what there is.
 */
export function targetRow(platform: Platform, toolchain: string): Row {
  const name = tableName(platform)
  const row = TABLE[name]
  if (row !== undefined) return row
  throw unsupportedTarget(platform, toolchain, Object.keys(TABLE))
}

function tableName(platform: Platform): string {
  const text = formatPlatform(platform)
  return text === 'linux/arm' ? 'linux/arm/v7' : text
}

/** The error for a platform that a toolchain doesn't build for. */
export function unsupportedTarget(
  platform: Platform,
  toolchain: string,
  supported: readonly string[],
): WaybillError {
  return new WaybillError(
    'ERR_UNSUPPORTED_TARGET',
    `${toolchain} does not build for ${formatPlatform(platform)}; expected one of ${supported.join(', ')}`,
    { outcome: 'usage', details: { toolchain, platform: formatPlatform(platform), supported } },
  )
}

/** Every platform of the table. */
export const allPlatforms = (): readonly Platform[] => Object.keys(TABLE).map(parsePlatform)

/** The triple under which the linkage is what it says: with musl where a Linux program is static. */
export function muslTriple(triple: string): string {
  return triple.replace(/-gnu(?=$|eabihf$)/, '-musl')
}

/** Makes a target. */
export function createTarget(platform: Platform, triple: string, binary: string): BuildTarget {
  return { platform, triple, file: platform.os === 'windows' ? `${binary}.exe` : binary }
}

/** The folder of a platform's results: `linux-arm64`, `linux-arm-v6`. */
export function platformFolder(platform: Platform): string {
  return formatPlatform(platform).replaceAll('/', '-')
}
