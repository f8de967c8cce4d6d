import { WaybillError } from './error.ts'

/** An operating system and architecture in Go's words. OCI image-spec, image-index.md. */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
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

/** Writes a platform as text; the variant v8 of arm64, which says nothing more, is left out. */
export function formatPlatform(platform: Platform): string {
  const variant = variantOf(platform)
  return [platform.os, platform.architecture, ...(variant === undefined ? [] : [variant])].join('/')
}

/** Whether two platforms are the same; arm64 means variant v8 too, and arm means v7. */
export function samePlatform(a: Platform, b: Platform): boolean {
  return a.os === b.os && a.architecture === b.architecture && variantOf(a) === variantOf(b)
}

function variantOf(platform: Platform): string | undefined {
  if (platform.architecture === 'arm64' && platform.variant === 'v8') return undefined
  if (platform.architecture === 'arm') return platform.variant ?? 'v7'
  return platform.variant
}
