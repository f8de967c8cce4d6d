import { readFile } from 'node:fs/promises'
import { WaybillError, type Context } from '@waybill/core'
import { readKeyring, type PublicKey } from './openpgp/keys.ts'
import { dearmor } from './openpgp/packets.ts'

/** The keys that may sign Release files; `check` is false where there are none to check with. */
export interface Keyring {
  readonly check: boolean
  readonly keys: readonly PublicKey[]
  readonly paths: readonly string[]
}

// Where Debian's package debian-archive-keyring puts them; other systems have a package of that name too.
const USUAL = [
  '/usr/share/keyrings/debian-archive-keyring.gpg',
  '/usr/share/keyrings/debian-archive-keyring.pgp',
]

/**
 * Reads the keyrings that are asked for, or else those apt uses for Debian's archives and Debian's own.
 * @throws {ERR_KEYRING_MISSING} for one that was asked for and cannot be read or holds no key.
 */
export async function loadKeyring(
  context: Context,
  asked: readonly string[] | undefined,
  fromApt: readonly string[],
): Promise<Keyring> {
  const paths = [...new Set(asked ?? [...fromApt, ...USUAL])]
  const found = await Promise.all(paths.map(async (path) => ({ path, keys: await readOne(path) })))
  const missing = found.find(({ keys }) => keys.length === 0)
  if (asked !== undefined && missing !== undefined) throw keyringMissing(missing.path)
  const some = found.filter(({ keys }) => keys.length > 0)
  if (asked === undefined && some.length === 0) {
    context.logger.warn(
      "The signatures of Debian's Release files are not checked: this machine has no debian-archive-keyring",
    )
  }
  const keys = some.flatMap((one) => one.keys)
  return { check: keys.length > 0, keys, paths: some.map(({ path }) => path) }
}

async function readOne(path: string): Promise<PublicKey[]> {
  const bytes = await readFile(path).catch(() => Buffer.alloc(0))
  return readKeyring(dearmor(bytes))
}

function keyringMissing(path: string): WaybillError {
  return new WaybillError(
    'ERR_KEYRING_MISSING',
    `No RSA or Ed25519 key could be read from ${path}`,
    {
      hint: 'Name a file of OpenPGP public keys, as gpg --export writes it.',
      outcome: 'usage',
    },
  )
}
