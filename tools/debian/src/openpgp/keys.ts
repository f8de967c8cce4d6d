import { readPackets, type Packet } from './packets.ts'
import { keyData, readKey, type KeyMaterial } from './read-key.ts'
import { isSignedBy, readSignature, type Signature, type Verifier } from './signature.ts'

/** A key of a keyring that may sign, or may have been able to. */
export interface PublicKey extends Verifier {
  /** The fingerprint of the primary key it belongs to; its own, where it is one. */
  readonly primary: string
  /** Seconds since 1970. */
  readonly created: number
  /** Seconds since 1970. @default never */
  readonly expires: number | undefined
}

const TAG = { signature: 2, publicKey: 6, userId: 13, subkey: 14, userAttribute: 17 } as const
const TYPE = {
  binding: 0x18,
  back: 0x19,
  direct: 0x1f,
  keyRevoked: 0x20,
  subkeyRevoked: 0x28,
} as const
const USER_REVOKED = 0x30
const MAY_SIGN = 0x02

/** A key packet, a user ID or a subkey, and the signatures behind it. */
interface Part {
  readonly packet: Packet
  readonly signatures: Buffer[]
}

/**
 * Reads the keys and subkeys of a keyring that may sign (version 4, RSA and Ed25519; others are left out). Each needs a good signature by its
 * primary key, and a signing subkey one of its own on the primary key; a key with a revocation is left out, whoever signed that.
 * RFC 9580 section 10.1.
 */
export function readKeyring(bytes: Buffer): PublicKey[] {
  return certificates(bytes).flatMap(signingKeys)
}

function certificates(bytes: Buffer): Part[][] {
  const found: Part[][] = []
  for (const packet of readPackets(bytes)) {
    if (packet.tag === TAG.publicKey) found.push([{ packet, signatures: [] }])
    else if (packet.tag === TAG.signature) found.at(-1)?.at(-1)?.signatures.push(packet.body)
    else found.at(-1)?.push({ packet, signatures: [] })
  }
  return found
}

function signingKeys([head, ...parts]: readonly Part[]): PublicKey[] {
  const primary = readKey(head!.packet.body)
  const all = [head!, ...parts]
  if (primary === undefined || all.some((part) => isRevoked(part, TYPE.keyRevoked))) return []
  const own = selfSignature(primary, head!, parts)
  if (own === undefined) return []
  const expires = expiryOf(primary, own)
  const common = { primary: primary.fingerprint }
  const main = maySign(own) ? [{ ...plain(primary), ...common, expires }] : []
  const subkeys = parts
    .filter(({ packet }) => packet.tag === TAG.subkey)
    .flatMap((part) => signingSubkey(primary, part))
  // A subkey outlives its primary key in no case.
  return [
    ...main,
    ...subkeys.map((key) => ({ ...key, ...common, expires: earlier(key.expires, expires) })),
  ]
}

const plain = ({
  fingerprint,
  algorithm,
  key,
  created,
}: KeyMaterial): Omit<PublicKey, 'primary' | 'expires'> => ({
  fingerprint,
  algorithm,
  key,
  created,
})

// What a revocation says is believed without a look at who signed it: to leave a key out is the safe side.
const isRevoked = ({ signatures }: Part, type: number): boolean =>
  signatures.some((body) => body[0] === 4 && body[1] === type)

// The one on the key itself, else the newest on a user ID that is not revoked.
function selfSignature(
  primary: KeyMaterial,
  head: Part,
  parts: readonly Part[],
): Signature | undefined {
  const direct = goodSignatures(primary, head, primary.signed).filter(
    ({ type }) => type === TYPE.direct,
  )
  const onUsers = parts.flatMap((part) => userSignatures(primary, part))
  const newest = newestOf(direct)
  return newest?.keyExpires === undefined ? (newestOf(onUsers) ?? newest) : newest
}

function userSignatures(primary: KeyMaterial, part: Part): Signature[] {
  const mark = { [TAG.userId]: 0xb4, [TAG.userAttribute]: 0xd1 }[part.packet.tag]
  if (mark === undefined) return []
  const length = Buffer.alloc(4)
  length.writeUInt32BE(part.packet.body.byteLength)
  const data = Buffer.concat([primary.signed, Buffer.from([mark]), length, part.packet.body])
  const good = goodSignatures(primary, part, data)
  const revoked = newestOf(good.filter(({ type }) => type === USER_REVOKED))
  return good.filter(
    ({ type, created }) =>
      type >= 0x10 && type <= 0x13 && (revoked === undefined || created > revoked.created),
  )
}

function signingSubkey(primary: KeyMaterial, part: Part): Omit<PublicKey, 'primary'>[] {
  const key = readKey(part.packet.body)
  if (key === undefined || isRevoked(part, TYPE.subkeyRevoked)) return []
  const data = Buffer.concat([primary.signed, keyData(part.packet.body)])
  const binding = newestOf(
    goodSignatures(primary, part, data).filter(({ type }) => type === TYPE.binding),
  )
  if (binding === undefined || !maySign(binding)) return []
  // Else somebody could bind another's key as a subkey, and so claim what it signed.
  const back = binding.embedded
  if (back?.type !== TYPE.back || !isSignedBy(back, data, key)) return []
  return [{ ...plain(key), expires: expiryOf(key, binding) }]
}

function goodSignatures(primary: KeyMaterial, part: Part, data: Buffer): Signature[] {
  return part.signatures.flatMap((body) => {
    const signature = readSignature(body)
    return signature !== undefined && isSignedBy(signature, data, primary) ? [signature] : []
  })
}

const newestOf = (signatures: readonly Signature[]): Signature | undefined =>
  signatures.toSorted((a, b) => b.created - a.created)[0]

const maySign = ({ keyFlags }: Signature): boolean =>
  keyFlags === undefined || (keyFlags & MAY_SIGN) !== 0

function expiryOf({ created }: KeyMaterial, { keyExpires }: Signature): number | undefined {
  return keyExpires === undefined || keyExpires === 0 ? undefined : created + keyExpires
}

const earlier = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
