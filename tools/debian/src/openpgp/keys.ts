import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { readInteger, readPackets } from './packets.ts'

/** A public key that may have signed something. */
export interface PublicKey {
  /** Lower-case hex. */
  readonly fingerprint: string
  readonly algorithm: number
  readonly key: KeyObject
}

/** The algorithms understood. RFC 9580 section 9.1. */
export const ALGORITHM = { rsa: 1, eddsa: 22 } as const

const TAG = { signature: 2, publicKey: 6, subkey: 14 } as const
const REVOCATIONS = new Set([0x20, 0x28])
const ED25519_OID = '2b06010401da470f01'

/**
 * Reads the keys and subkeys of a keyring (version 4, RSA and Ed25519; others are passed over). Whoever keeps the keyring answers for what is in
 * it: bindings and expiry are not looked at, but a key with a revocation is left out.
 */
export function readKeyring(bytes: Buffer): PublicKey[] {
  const keys: PublicKey[] = []
  let latest: PublicKey | undefined
  for (const { tag, body } of readPackets(bytes)) {
    if (tag === TAG.publicKey || tag === TAG.subkey) {
      latest = readKey(body)
      if (latest !== undefined) keys.push(latest)
    }
    const revoked = tag === TAG.signature && body[0] === 4 && REVOCATIONS.has(body[1]!)
    if (revoked && keys.at(-1) === latest) keys.pop()
  }
  return keys
}

function readKey(body: Buffer): PublicKey | undefined {
  const algorithm = body[5]
  if (body[0] !== 4 || body.byteLength < 8 || algorithm === undefined) return undefined
  const key = toKeyObject(algorithm, body)
  if (key === undefined) return undefined
  const head = Buffer.from([0x99, body.byteLength >> 8, body.byteLength & 255])
  const fingerprint = createHash('sha1').update(head).update(body).digest('hex')
  return { fingerprint, algorithm, key }
}

function toKeyObject(algorithm: number, body: Buffer): KeyObject | undefined {
  if (algorithm === ALGORITHM.rsa) return rsaKey(body)
  if (algorithm !== ALGORITHM.eddsa) return undefined
  const end = 7 + body[6]!
  const point = readInteger(body, end)?.value
  if (body.toString('hex', 7, end) !== ED25519_OID || point?.[0] !== 0x40) return undefined
  return ed25519Key(point.subarray(1))
}

function rsaKey(body: Buffer): KeyObject | undefined {
  const modulus = readInteger(body, 6)
  const exponent = modulus && readInteger(body, modulus.next)
  if (modulus === undefined || exponent === undefined) return undefined
  const [n, e] = [modulus.value.toString('base64url'), exponent.value.toString('base64url')]
  return imported({ kty: 'RSA', n, e })
}

function ed25519Key(point: Buffer): KeyObject | undefined {
  if (point.byteLength !== 32) return undefined
  return imported({ kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') })
}

function imported(key: { readonly kty: string } & Record<string, string>): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'jwk' })
  } catch {
    return undefined
  }
}
