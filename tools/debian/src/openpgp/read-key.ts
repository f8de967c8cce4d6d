import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { readInteger } from './packets.ts'
import { ALGORITHM, type Verifier } from './signature.ts'

/** The material of a key packet. RFC 9580 section 5.5.2. */
export interface KeyMaterial extends Verifier {
  /** Seconds since 1970. */
  readonly created: number
  /** What signatures on the key are over. RFC 9580 section 5.2.4. */
  readonly signed: Buffer
}

const ED25519_OID = '2b06010401da470f01'

/** Reads the body of a key packet of version 4 (RSA, Ed25519); undefined for any other. */
export function readKey(body: Buffer): KeyMaterial | undefined {
  const algorithm = body[5]
  if (body[0] !== 4 || body.byteLength < 8 || algorithm === undefined) return undefined
  const key = toKeyObject(algorithm, body)
  if (key === undefined) return undefined
  const signed = keyData(body)
  const fingerprint = createHash('sha1').update(signed).digest('hex')
  return { fingerprint, algorithm, key, created: body.readUInt32BE(1), signed }
}

/** What a signature on a key of any algorithm is over. */
export function keyData(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x99, body.byteLength >> 8, body.byteLength & 255]), body])
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
