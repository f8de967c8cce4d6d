import { WaybillError } from './error.ts'
import { nearest } from './nearest.ts'

/** An operating system and architecture in Go's words. OCI image-spec, image-index.md. */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  /** Windows: the build it needs. */
  readonly 'os.version'?: string
  /** Windows: what else it needs, for example `win32k`. */
  readonly 'os.features'?: readonly string[]
}

const PART = /^[a-z0-9][a-z0-9._-]*$/

/**
 * Reads `os/architecture[/variant]`.
 * @throws {ERR_INVALID_PLATFORM}
 */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...rest] = text.split('/')
  const parts = [os, architecture, ...(variant === undefined ? [] : [variant])]
  if (rest.length > 0 || !parts.every((part) => part !== undefined && PART.test(part))) {
    throw new WaybillError(
      'ERR_INVALID_PLATFORM',
      `Expected a platform as os/architecture or os/architecture/variant, found "${text}"`,
      { hint: 'For example linux/amd64 or linux/arm64.', outcome: 'usage' },
    )
  }
  return { os: os!, architecture: architecture!, ...(variant === undefined ? {} : { variant }) }
}

// What Go, Rust or Zig compile programs for, in Go's words; variants are free.
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  linux:
    '386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x'.split(
      ' ',
    ),
  darwin: ['amd64', 'arm64'],
  windows: ['386', 'amd64', 'arm', 'arm64'],
  freebsd: ['386', 'amd64', 'arm', 'arm64', 'riscv64'],
  netbsd: ['386', 'amd64', 'arm', 'arm64'],
  openbsd: ['386', 'amd64', 'arm', 'arm64', 'ppc64', 'riscv64'],
  wasip1: ['wasm'],
}

/**
 * Reads a platform that programs are built for, and refuses one that nobody has heard of: `linux/amd63`, `linux/x86_64`.
 * @throws {ERR_INVALID_PLATFORM} with the nearest one.
 */
export function parseKnownPlatform(text: string): Platform {
  const platform = parsePlatform(text)
  const { os, architecture } = platform
  if (Object.hasOwn(KNOWN, os) && KNOWN[os]!.includes(architecture)) return platform
  const known = Object.entries(KNOWN).flatMap(([system, all]) =>
    all.map((one) => `${system}/${one}`),
  )
  const renamed = OTHER_NAMES[architecture]
  const near = nearest(`${os}/${renamed ?? architecture}`, known)
  throw new WaybillError('ERR_INVALID_PLATFORM', `No platform is called "${text}"`, {
    hint: near === undefined ? `Known are ${known.join(', ')}.` : `Did you mean ${near}?`,
    outcome: 'usage',
  })
}

// As compilers and uname say it.
const OTHER_NAMES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  x64: 'amd64',
  aarch64: 'arm64',
  i386: '386',
  i686: '386',
  x86: '386',
  armv7: 'arm',
  armv7l: 'arm',
}

/** Writes a platform as text; the variants v8 of arm64 and v1 of amd64, which say nothing more, are left out. */
export function formatPlatform(platform: Platform): string {
  const variant = variantOf(platform)
  return [platform.os, platform.architecture, ...(variant === undefined ? [] : [variant])].join('/')
}

/** Whether two platforms are the same, as engines see it: arm64 means variant v8 too, arm means v7, and amd64 means v1. */
export function samePlatform(a: Platform, b: Platform): boolean {
  return a.os === b.os && a.architecture === b.architecture && variantOf(a) === variantOf(b)
}

function variantOf(platform: Platform): string | undefined {
  const { architecture, variant } = platform
  if (architecture === 'arm64' && variant === 'v8') return undefined
  if (architecture === 'amd64' && variant === 'v1') return undefined
  if (architecture === 'arm') return variant ?? 'v7'
  return variant
}
