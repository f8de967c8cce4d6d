import { WaybillError } from '@waybill/core'

/** Where to listen. */
export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * Reads `host:port`, `[::1]:port`, `:port` or `port`; without a host it is the loopback.
 * @throws {ERR_INVALID_ADDRESS}
 */
export function parseAddress(text: string): Address {
  const [, , bracketed, plain, port] =
    /^((?:\[([0-9a-fA-F:]+)\]|([^:[\]\s]*)):)?(\d{1,5})$/.exec(text) ?? []
  if (port !== undefined && Number(port) <= 65_535) {
    return { host: bracketed ?? (plain || '127.0.0.1'), port: Number(port) }
  }
  throw new WaybillError(
    'ERR_INVALID_ADDRESS',
    `Expected HOST:PORT to listen on, found "${text}"`,
    {
      hint: 'For example 127.0.0.1:5000, or 127.0.0.1:0 for any free port.',
      outcome: 'usage',
    },
  )
}
