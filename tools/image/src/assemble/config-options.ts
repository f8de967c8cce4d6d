import { WaybillError } from '@waybill/core'

/** How the image runs, as far as it differs from the base. */
export interface ConfigOptions {
  /** Name or number, with a group after a colon if wanted. */
  readonly user?: string | undefined
  /** Merged over the base's, by name. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** @default the binary's path */
  readonly entrypoint?: readonly string[] | undefined
  /** @default none; the base's belongs to the base's entrypoint */
  readonly cmd?: readonly string[] | undefined
  /** `3000`, `3000/tcp`, `53/udp`, `7701-7799`; added to the base's. */
  readonly exposedPorts?: readonly (string | number)[] | undefined
  /** Absolute paths; added to the base's. */
  readonly volumes?: readonly string[] | undefined
  readonly workingDir?: string | undefined
  /** Merged over the base's. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** `SIGTERM`, `15`. */
  readonly stopSignal?: string | undefined
  /** 'none' switches off what the base has. */
  readonly healthcheck?: Healthcheck | 'none' | undefined
}

/** Docker's health check. Times in milliseconds. */
export interface Healthcheck {
  /** The command, as words; a single text is run by the image's shell, which slim bases lack. */
  readonly test: readonly string[] | string
  readonly interval?: number
  readonly timeout?: number
  readonly startPeriod?: number
  readonly retries?: number
}

/** Writes a health check as Docker's configuration has it: times in nanoseconds. */
export function healthcheckConfig(check: Healthcheck | 'none'): Readonly<Record<string, unknown>> {
  if (check === 'none') return { Test: ['NONE'] }
  const { test } = check
  const given = typeof test === 'string' ? ['CMD-SHELL', test] : test
  const [first = ''] = given
  if (first === '') throw invalidConfig('healthcheck test', 'a command', JSON.stringify(given))
  const Test = ['CMD', 'CMD-SHELL', 'NONE'].includes(first) ? given : ['CMD', ...given]
  return {
    Test,
    ...nanoseconds('Interval', check.interval),
    ...nanoseconds('Timeout', check.timeout),
    ...nanoseconds('StartPeriod', check.startPeriod),
    ...(check.retries === undefined ? {} : { Retries: wholeNumber('retries', check.retries) }),
  }
}

function nanoseconds(name: string, milliseconds: number | undefined): Record<string, number> {
  if (milliseconds === undefined) return {}
  return { [name]: wholeNumber(name, milliseconds) * 1_000_000 }
}

function wholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw invalidConfig(`healthcheck ${name}`, 'a whole number, 0 or more', String(value))
}

const PORT = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/

/**
 * Expands ports and ranges of ports to the keys that an image's configuration has: `7701-7703` to `7701/tcp`, `7702/tcp`, `7703/tcp`.
 * @throws {ERR_INVALID_CONFIG}
 */
export function expandPorts(ports: readonly (string | number)[]): readonly string[] {
  return ports.flatMap((port) => {
    const match = PORT.exec(String(port))
    const first = Number(match?.[1])
    const last = Number(match?.[2] ?? first)
    if (match === null || first < 1 || last > 65_535 || last < first)
      throw invalidConfig(
        'exposedPorts',
        'a port as 3000, 3000/tcp, 53/udp or 7701-7799',
        String(port),
      )
    const protocol = match[3] ?? 'tcp'
    return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`)
  })
}

/** The error for an option of the image. */
export function invalidConfig(field: string, expected: string, found: string): WaybillError {
  return new WaybillError(
    'ERR_INVALID_CONFIG',
    `image: expected ${field} to be ${expected}, found "${found.slice(0, 200)}"`,
    { outcome: 'usage', details: { field } },
  )
}
