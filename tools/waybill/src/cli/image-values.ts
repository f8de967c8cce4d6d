import { InvalidArgumentError, type Command } from 'commander'
import { isWaybillError, knows, messageOf, parseJson } from '@waybill/core'
import type { ConfigOptions } from '@waybill/image'
import type { ImageConfigEntry } from '@waybill/release'
import { repeated } from './parse-call.ts'

/** The image's own options, as the command line gave them. */
export interface ImageValues {
  readonly entrypoint?: readonly string[]
  readonly cmd?: readonly string[]
  readonly user?: string
  readonly port?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly label?: Readonly<Record<string, string>>
  readonly annotation?: Readonly<Record<string, string>>
  readonly volume?: readonly string[]
  readonly workdir?: string
  readonly healthcheck?: NonNullable<ImageConfigEntry['healthcheck']>
  readonly stopSignal?: string
  readonly created?: number
}

/** Adds the options that fill an image's configuration. */
export function imageConfigOptions(command: Command): void {
  command
    .option('--entrypoint <json or word>', 'what is run (default: the binary’s path)', words)
    .option('--cmd <json or word>', 'its default arguments', words)
    .option('--user <user>', 'whom it runs as')
    .option(
      '--port <port or range>',
      'a port it listens on, for example 8080, 53/udp or 7701-7799; may be repeated',
      repeated,
    )
    .option('--env <key=value>', 'an environment variable; may be repeated', pairs)
    .option('--label <key=value>', 'a label; may be repeated', pairs)
    .option('--annotation <key=value>', 'an annotation; may be repeated', pairs)
    .option('--volume <path>', 'a volume; may be repeated', repeated)
    .option('--workdir <dir>', 'the working folder')
    .option(
      '--healthcheck <json or words>',
      'a command that exits 0 while all is well, or NONE',
      healthcheck,
    )
    .option('--stop-signal <signal>', 'the signal that ends it')
    .option('--created <time>', 'RFC 3339 time or @SECONDS (default: the commit’s, or 1970)', time)
}

/** The configuration these options ask for. */
export function imageConfigOf(values: ImageValues): ConfigOptions {
  const {
    entrypoint,
    cmd,
    user,
    port,
    env,
    volume,
    workdir,
    healthcheck: health,
    stopSignal,
  } = values
  const all = {
    entrypoint,
    cmd,
    user,
    exposedPorts: port,
    env,
    volumes: volume,
    workingDir: workdir,
    healthcheck: health,
    stopSignal,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** Reads a JSON array of strings, or takes the word itself. */
export function words(text: string): readonly string[] {
  if (!text.startsWith('[')) return [text]
  const value = json(text)
  if (Array.isArray(value) && value.every((word) => typeof word === 'string')) return value
  throw new InvalidArgumentError('Expected a JSON array of strings, for example ["--port","80"].')
}

/** Collects KEY=VALUE options. */
export function pairs(
  text: string,
  before: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError(`Expected KEY=VALUE, found "${text}".`)
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

function healthcheck(text: string): NonNullable<ImageConfigEntry['healthcheck']> {
  if (text === 'NONE') return { test: ['NONE'] }
  if (text.startsWith('{')) {
    const value = json(text) as NonNullable<ImageConfigEntry['healthcheck']> | null
    if (Array.isArray(value?.test)) return value
    throw new InvalidArgumentError(
      'Expected a healthcheck such as {"test":["CMD","/hello","--health"],"interval":30000}.',
    )
  }
  return { test: ['CMD', ...commandWords(text)] }
}

/** Reads a program and its arguments: a JSON array of strings, or words with blanks between them. */
export function commandWords(text: string): readonly [string, ...string[]] {
  const all = text.startsWith('[') ? words(text) : text.split(/\s+/).filter((word) => word !== '')
  const [program, ...args] = all
  if (program !== undefined && program !== '') return [program, ...args]
  throw new InvalidArgumentError('Expected a program and its arguments, found none.')
}

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i

/** Reads @SECONDS or an RFC 3339 time as whole seconds since 1970. */
export function time(text: string): number {
  if (/^@\d{1,12}$/.test(text)) return Number(text.slice(1))
  const milliseconds = RFC3339.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(milliseconds) && isDay(text)) return Math.floor(milliseconds / 1000)
  throw new InvalidArgumentError(
    `Expected @SECONDS or a time such as 2026-11-21T12:00:00Z, found "${text}".`,
  )
}

// A 31st of February would become the 2nd of March.
function isDay(text: string): boolean {
  const day = text.slice(0, 10)
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
}

const HEALTHCHECK = knows('test interval timeout startPeriod startInterval retries'.split(' '))

function json(text: string): unknown {
  try {
    return parseJson(text, 'the option', HEALTHCHECK)
  } catch (error) {
    if (isWaybillError(error, 'ERR_AMBIGUOUS_JSON'))
      throw new InvalidArgumentError(messageOf(error))
    throw new InvalidArgumentError(`Not valid JSON: ${text.slice(0, 80)}`)
  }
}
