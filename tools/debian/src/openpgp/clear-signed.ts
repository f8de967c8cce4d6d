import { isSignedBy, readSignatures } from './signature.ts'
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

/** The keys among those given whose signatures on a message are good. */
export function signersOf({ text, armour }: ClearSigned, keys: readonly PublicKey[]): PublicKey[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/[ \t]+$/, ''))
  const canonical = Buffer.from(lines.join('\r\n'))
  const signatures = readSignatures(dearmor(Buffer.from(armour)))
  return keys.filter((key) => signatures.some((signature) => isSignedBy(signature, canonical, key)))
}
