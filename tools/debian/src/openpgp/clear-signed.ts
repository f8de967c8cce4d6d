import { isSignedBy, readSignatures, type Signature } from './signature.ts'
import { dearmor } from './packets.ts'
import type { PublicKey } from './keys.ts'

/** A text and what signs it. */
export interface ClearSigned {
  readonly text: string
  /** ASCII-armoured. */
  readonly armour: string
}

// One message and nothing around it, so that what is read is what was signed.
const HEADERS = String.raw`(?:[\w-]+: .*\r?\n)*\r?\n`
const FORM = new RegExp(
  String.raw`^-----BEGIN PGP SIGNED MESSAGE-----\r?\n${HEADERS}([^]*?)\r?\n` +
    String.raw`(-----BEGIN PGP SIGNATURE-----\r?\n${HEADERS}(?:[A-Za-z0-9+/=]+\r?\n)+-----END PGP SIGNATURE-----)\s*$`,
)

/** Parts a clear-signed message; undefined where it is not exactly one. RFC 9580 section 7. */
export function parseClearSigned(message: string): ClearSigned | undefined {
  const [, text, armour] = FORM.exec(message) ?? []
  if (text === undefined || armour === undefined || /^-(?! )/m.test(text)) return undefined
  return { text: text.replace(/^- /gm, ''), armour }
}

/** A signature that a key really made, and why it does not count all the same, where that is so. */
export interface SignedBy {
  readonly key: PublicKey
  /** For people: `its key expired on 2024-01-01`. */
  readonly problem: string | undefined
}

const TEXT = 1
const WEAK = new Set(['sha1'])

/** The keys among those given that signed a message. `now` is in seconds since 1970: keys and signatures expire. */
export function signersOf(
  { text, armour }: ClearSigned,
  keys: readonly PublicKey[],
  now: number,
): SignedBy[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/[ \t]+$/, ''))
  const canonical = Buffer.from(lines.join('\r\n'))
  const signatures = readSignatures(dearmor(Buffer.from(armour))).filter(
    ({ type, hash }) => type === TEXT && !WEAK.has(hash),
  )
  return signatures.flatMap((signature) =>
    keys
      .filter((key) => isSignedBy(signature, canonical, key))
      .map((key) => ({ key, problem: problemOf(signature, key, now) })),
  )
}

// As gpgv has it (EXPSIG, EXPKEYSIG, time conflict): apt accepts none of these.
function problemOf(signature: Signature, key: PublicKey, now: number): string | undefined {
  if (key.expires !== undefined && key.expires <= now)
    return `the key expired on ${day(key.expires)}`
  if (signature.expires !== undefined && signature.expires <= now)
    return `the signature expired on ${day(signature.expires)}`
  if (key.created > now) return `the key is dated ${day(key.created)}, in the future`
  if (signature.created < key.created)
    return `the signature is dated ${day(signature.created)}, before the key was made`
  return undefined
}

/** A day in UTC: `2026-12-01`. */
export const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)
