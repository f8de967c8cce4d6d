import { readFile } from 'node:fs/promises'
import { createPatience } from './patience.ts'
import { createHttpClient } from './client.ts'
import type { HttpClient, HttpClientOptions } from '../../ports/http.ts'

/** A client that trusts the certificates of a PEM file beside the built-in ones; the file is read on the first request. */
export function clientTrusting(
  caFile: string,
  { env, logger, patience }: Pick<HttpClientOptions, 'env' | 'logger' | 'patience'>,
): HttpClient {
  const waiting = createPatience({ patience, logger })
  let opened: Promise<HttpClient> | undefined
  const open = async (): Promise<HttpClient> =>
    createHttpClient({ env, logger, ca: await readFile(caFile, 'utf8') }, waiting)
  return {
    patience: waiting,
    request: async (url, request) => (await (opened ??= open())).request(url, request),
    close: async () => (await opened)?.close(),
  }
}
