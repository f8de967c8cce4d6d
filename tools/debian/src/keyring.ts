import { readFile } from 'node:fs/promises'
import { WaybillError } from '@waybill/core'
import { readKeyring, type PublicKey } from './openpgp/keys.ts'
import { dearmor } from './openpgp/packets.ts'

/** The keys that may sign the Release files of an archive, and where they come from. */
export interface Keyring {
  readonly keys: readonly PublicKey[]
  /** For people: paths, or the apt source that holds a key itself. */
  readonly places: readonly string[]
}

/** Finds the keys for an archive, or undefined where nothing is to be checked because someone asked for that. */
export type FindKeyring = (signedBy: readonly string[]) => Promise<Keyring | undefined>

// Where Debian's package debian-archive-keyring puts them; other systems have a package of that name too.
const USUAL = [
  '/usr/share/keyrings/debian-archive-keyring.gpg',
  '/usr/share/keyrings/debian-archive-keyring.pgp',
]

/**
 * Makes the search for keys. Those that the call names count for every archive; else those that apt's source names for it, as sources.list(5) has
 * it: paths, fingerprints or a key itself; else those that apt trusts for all, and Debian's own. No key is an error, and never a reason not to check.
 * @throws {ERR_KEYRING_MISSING}
 */
export function keyringFinder(
  asked: readonly string[] | undefined,
  trusted: readonly string[],
): FindKeyring {
  const everyone = [...new Set([...trusted, ...USUAL])]
  return async (signedBy) => {
    if (asked?.length === 0) return undefined
    if (asked !== undefined) return fromAsked(asked)
    const fingerprints = signedBy.filter(isFingerprint)
    const named = signedBy.filter((one) => !isFingerprint(one))
    const keyring = await readAll(named.length > 0 || fingerprints.length > 0 ? named : everyone)
    if (fingerprints.length > 0) {
      const { keys, places } = await readAll(everyone)
      const chosen = keys.filter((key) => isNamed(key, fingerprints))
      return assertSome({
        keys: [...keyring.keys, ...chosen],
        places: [...keyring.places, ...places],
      })
    }
    return assertSome(keyring)
  }
}

const isFingerprint = (text: string): boolean => /^(?:0x)?[0-9a-f]{16,64}!?$/i.test(text)

// A fingerprint names a primary key, whose subkeys count too; with an exclamation mark that key alone.
function isNamed({ fingerprint, primary }: PublicKey, wanted: readonly string[]): boolean {
  return wanted.some((one) => {
    const plain = one.toLowerCase().replace(/^0x|!$/g, '')
    return fingerprint.endsWith(plain) || (!one.endsWith('!') && primary.endsWith(plain))
  })
}

async function fromAsked(asked: readonly string[]): Promise<Keyring> {
  const found = await Promise.all(asked.map(async (path) => ({ path, keys: await readOne(path) })))
  const empty = found.find(({ keys }) => keys.length === 0)
  if (empty !== undefined) throw unreadable(empty.path)
  return { keys: found.flatMap(({ keys }) => keys), places: asked }
}

async function readAll(places: readonly string[]): Promise<Keyring> {
  const keys = await Promise.all(places.map(readOne))
  return { keys: keys.flat(), places: places.map(nameOf) }
}

const isKey = (text: string): boolean => text.startsWith('-----BEGIN PGP')
const nameOf = (place: string): string => (isKey(place) ? "the key in apt's sources" : place)

async function readOne(place: string): Promise<PublicKey[]> {
  const bytes = isKey(place) ? Buffer.from(place) : await readFile(place).catch(() => undefined)
  return bytes === undefined ? [] : readKeyring(dearmor(bytes))
}

function assertSome(keyring: Keyring): Keyring {
  if (keyring.keys.length > 0) return keyring
  const { places } = keyring
  throw new WaybillError(
    'ERR_KEYRING_MISSING',
    `Debian's Release files cannot be checked: found no key in ${places.join(', ')}`,
    {
      hint: 'Install the package debian-archive-keyring, or name a file of keys with --keyring FILE. --allow-unauthenticated takes unchecked packages, and the lock says so.',
      details: { keyrings: places },
    },
  )
}

function unreadable(path: string): WaybillError {
  return new WaybillError(
    'ERR_KEYRING_MISSING',
    `${path}: expected OpenPGP keys that may sign (RSA or Ed25519), found none`,
    {
      hint: 'Name a file of public keys, as gpg --export writes it. A key that was revoked or has no good signature of its own does not count.',
      outcome: 'usage',
      details: { keyrings: [path] },
    },
  )
}
