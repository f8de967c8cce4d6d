import { hideCredentials, isWaybillError, messageOf, visibleJson, type Logger } from '@waybill/core'
import { print, type Output } from './output.ts'

export interface PrintOptions {
  readonly json: boolean
  readonly verbose: boolean
  readonly stdout: Output
  readonly logger: Logger
}

/**
 * Prints an error: its JSON document on stdout, or its message and hint on stderr, which is also where it goes when stdout cannot be written. The stack is
 * only for `verbose`.
 */
export async function printError(error: unknown, options: PrintOptions): Promise<void> {
  const { json, verbose, stdout, logger } = options
  const { code, message, hint, details } = described(error)
  const document = { error: { code, message, hint, details } }
  const isPrinted = json && (await print(stdout, `${visibleJson(document)}\n`).catch(() => false))
  if (!isPrinted) logger.error(`${message} [${code}]${hint === undefined ? '' : `\n${hint}`}`)
  if (verbose && error instanceof Error && error.stack !== undefined) logger.info(error.stack)
}

interface Described {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  readonly details: object
}

function described(error: unknown): Described {
  if (isWaybillError(error)) return error
  // What a stream says that was asked to stop.
  if (error instanceof Error && error.name === 'AbortError')
    return { code: 'ERR_CANCELLED', message: 'Cancelled', hint: undefined, details: {} }
  return {
    code: 'ERR_INTERNAL',
    message: hideCredentials(messageOf(error)),
    hint: 'This is a mistake in Waybill; please report it with the output of --verbose.',
    details: {},
  }
}
