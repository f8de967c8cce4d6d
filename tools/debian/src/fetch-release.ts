import { WaybillError, type Context, type HttpResponse } from '@waybill/core'
import { assertFresh, type Times } from './assert-fresh.ts'
import type { Keyring } from './keyring.ts'
import { parseClearSigned, signersOf, type ClearSigned } from './openpgp/clear-signed.ts'
import { invalidRelease, parseRelease, type SuiteRelease } from './release-file.ts'

// Real ones have a few hundred kilobytes.
const LIMIT = 16 * 1024 * 1024

export interface ReadReleaseOptions {
  readonly codename: string
  /** @default nothing is checked, because someone asked for that */
  readonly keyring: Keyring | undefined
  readonly times: Times
  readonly context: Context
}

/**
 * Reads an InRelease file out of an answer and checks who signed it, and when.
 * @throws {ERR_INVALID_RELEASE} {ERR_RELEASE_SIGNATURE} {ERR_RELEASE_STALE}
 */
export async function readRelease(
  response: HttpResponse,
  { codename, keyring, times, context }: ReadReleaseOptions,
): Promise<SuiteRelease> {
  const message = Buffer.from(await response.bytes(LIMIT)).toString('utf8')
  const signed = parseClearSigned(message)
  if (signed === undefined) throw invalidRelease(response.url, 'without a signature', codename)
  const file = parseRelease(signed.text, codename, response.url)
  if (keyring === undefined) return file
  const fingerprints = checkSigners(signed, response.url, { keyring, now: times.now })
  context.logger.debug(`${response.url}: signed by ${fingerprints.join(', ')}`)
  assertFresh(file, response.url, times)
  return file
}

function checkSigners(
  signed: ClearSigned,
  where: string,
  { keyring, now }: { readonly keyring: Keyring; readonly now: number },
): string[] {
  const signers = signersOf(signed, keyring.keys, now)
  const good = signers.filter(({ problem }) => problem === undefined)
  if (good.length > 0) return good.map(({ key }) => key.fingerprint)
  const reasons = signers.map(({ key, problem }) => `${key.fingerprint}: ${problem}`)
  throw badSignature(where, keyring.places, reasons)
}

function badSignature(
  where: string,
  places: readonly string[],
  reasons: readonly string[],
): WaybillError {
  const why = reasons.length === 0 ? '' : ` (${reasons.join('; ')})`
  return new WaybillError(
    'ERR_RELEASE_SIGNATURE',
    `${where}: no good signature by any key of ${places.join(', ')}${why}`,
    {
      hint: 'Someone changed it on the way, or the keys are older than the release: install the newest debian-archive-keyring; for a mirror that signs itself name its key file with --keyring FILE.',
      details: { where, keyrings: places, reasons },
    },
  )
}
