import { isWaybillError } from '@waybill/core'

/** Starts a server on the port it had the last time, or on any where that one is taken. */
export async function startOn<Server>(
  port: number | undefined,
  start: (listen: string) => Promise<Server>,
): Promise<Server> {
  try {
    return await start(`127.0.0.1:${port ?? 0}`)
  } catch (error) {
    if (port === undefined || !isWaybillError(error, 'ERR_PORT_IN_USE')) throw error
    return start('127.0.0.1:0')
  }
}

/** The port of a server that is running. */
export function portOf({ address }: { readonly address: string }): number {
  return Number(address.split(':').at(-1))
}
