import { WaybillError, type Context, type HttpResponse } from '@waybill/core'
import { parseClearSigned, signersOf } from './openpgp/clear-signed.ts'
import type { Keyring } from './keyring.ts'
import { invalidRelease, parseRelease, type ReleaseFile } from './release-file.ts'

// Real ones have a few hundred kilobytes.
const LIMIT = 16 * 1024 * 1024

/**
 * Reads an InRelease file out of an answer and checks who signed it.
 * @throws {ERR_INVALID_RELEASE} {ERR_RELEASE_SIGNATURE}
 */
export async function readRelease(
  response: HttpResponse,
  options: { readonly codename: string; readonly keyring: Keyring; readonly context: Context },
): Promise<ReleaseFile> {
  const { codename, keyring, context } = options
  const message = Buffer.from(await response.bytes(LIMIT)).toString('utf8')
  const signed = parseClearSigned(message)
  if (signed === undefined) throw invalidRelease(response.url, 'without a signature', codename)
  const file = parseRelease(signed.text, codename, response.url)
  if (!keyring.check) return file
  const signers = signersOf(signed, keyring.keys)
  if (signers.length === 0) throw badSignature(response.url, keyring.paths)
  context.logger.debug(
    `${response.url}: signed by ${signers.map((key) => key.fingerprint).join(', ')}`,
  )
  return file
}

function badSignature(where: string, paths: readonly string[]): WaybillError {
  return new WaybillError(
    'ERR_RELEASE_SIGNATURE',
    `${where}: no good signature by any key of ${paths.join(', ')}`,
    {
      hint: 'Someone changed it on the way, or the keys are older than the release: install the newest debian-archive-keyring; for a mirror that signs itself name its key file (keyrings).',
      details: { where, keyrings: paths },
    },
  )
}
