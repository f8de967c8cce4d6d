import { WaybillError, parsePlatform, type Platform } from '@waybill/core'

/** A platform of the base and Debian's name for it. */
export interface DebianPlatform {
  readonly platform: Platform
  readonly architecture: string
}

// Variants as distroless writes them; matchers that compare strictly expect arm64 to be v8.
const ARCHITECTURES: Readonly<Record<string, { architecture: string; variant?: string }>> = {
  amd64: { architecture: 'amd64' },
  arm64: { architecture: 'arm64', variant: 'v8' },
  arm: { architecture: 'armhf', variant: 'v7' },
  '386': { architecture: 'i386' },
  ppc64le: { architecture: 'ppc64el' },
  riscv64: { architecture: 'riscv64' },
  s390x: { architecture: 's390x' },
}

/** Reads a platform that Debian has packages for. @throws {ERR_INVALID_PLATFORM} {ERR_UNKNOWN_PLATFORM} */
export function debianPlatform(text: string): DebianPlatform {
  const { os, architecture, variant } = parsePlatform(text)
  const known = Object.hasOwn(ARCHITECTURES, architecture) ? ARCHITECTURES[architecture] : undefined
  if (os !== 'linux' || known === undefined || (variant ?? known.variant) !== known.variant) {
    throw new WaybillError('ERR_UNKNOWN_PLATFORM', `Debian has no packages for ${text}`, {
      hint: `Use one of ${Object.keys(ARCHITECTURES)
        .map((name) => `linux/${name}`)
        .join(', ')}.`,
      outcome: 'usage',
    })
  }
  const full = known.variant === undefined ? {} : { variant: known.variant }
  return { platform: { os, architecture, ...full }, architecture: known.architecture }
}
