import { createHash, createSign, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

/** A key pair of OpenPGP, version 4, and what it signs. RFC 9580. */
export interface TestSigner {
  /** As a keyring file holds it. */
  readonly publicKey: Buffer
  /** A revocation, to be put behind the key. */
  readonly revocation: Buffer
  clearSign(text: string): string
}

const RSA = 1
const EDDSA = 22

export function createSigner(kind: 'rsa' | 'eddsa'): TestSigner {
  const { publicKey, privateKey } =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ed25519')
  const key = Buffer.concat([Buffer.from([4, 0x60, 0, 0, 0]), keyMaterial(kind, publicKey)])
  const head = Buffer.from([0x99, key.byteLength >> 8, key.byteLength & 255])
  const fingerprint = createHash('sha1').update(head).update(key).digest()
  return {
    publicKey: Buffer.concat([packet(6, key), packet(13, Buffer.from('Test <test@example.org>'))]),
    revocation: packet(2, Buffer.from([4, 0x20, 1, 8, 0, 0, 0, 0, 0, 0])),
    clearSign(text) {
      const signature = signText(text, kind, { privateKey, fingerprint })
      const armour = signature.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
      const escaped = text.replace(/^-/gm, '- -')
      return `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${escaped}\n-----BEGIN PGP SIGNATURE-----\n\n${armour}\n-----END PGP SIGNATURE-----\n`
    },
  }
}

function keyMaterial(kind: 'rsa' | 'eddsa', key: KeyObject): Buffer {
  const { n, e, x } = key.export({ format: 'jwk' }) as Record<string, string>
  if (kind === 'rsa')
    return Buffer.concat([Buffer.from([RSA]), integer(fromBase64(n!)), integer(fromBase64(e!))])
  const oid = Buffer.from('092b06010401da470f01', 'hex')
  const point = Buffer.concat([Buffer.from([0x40]), fromBase64(x!)])
  return Buffer.concat([Buffer.from([EDDSA]), oid, integer(point)])
}

const fromBase64 = (text: string): Buffer => Buffer.from(text, 'base64url')

function signText(
  text: string,
  kind: 'rsa' | 'eddsa',
  { privateKey, fingerprint }: { readonly privateKey: KeyObject; readonly fingerprint: Buffer },
): Buffer {
  const issuer = Buffer.concat([Buffer.from([22, 33, 4]), fingerprint])
  const subpackets = Buffer.concat([Buffer.from([5, 2, 0x60, 0, 0, 1]), issuer])
  const algorithm = kind === 'rsa' ? RSA : EDDSA
  const hashed = Buffer.concat([
    Buffer.from([4, 1, algorithm, 8, 0, subpackets.byteLength]),
    subpackets,
  ])
  const trailer = Buffer.from([4, 255, 0, 0, 0, hashed.byteLength])
  const lines = text.split('\n').map((line) => line.replace(/[ \t]+$/, ''))
  const signed = Buffer.concat([Buffer.from(lines.join('\r\n')), hashed, trailer])
  const digest = createHash('sha256').update(signed).digest()
  const values =
    kind === 'rsa'
      ? [createSign('sha256').update(signed).sign(privateKey)]
      : halves(sign(null, digest, privateKey))
  const rest = Buffer.concat([Buffer.from([0, 0]), digest.subarray(0, 2), ...values.map(integer)])
  return packet(2, Buffer.concat([hashed, rest]))
}

const halves = (bytes: Buffer): Buffer[] => [bytes.subarray(0, 32), bytes.subarray(32)]

function integer(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0)
  const value = bytes.subarray(start)
  const bits = value.byteLength * 8 - Math.clz32(value[0]!) + 24
  return Buffer.concat([Buffer.from([bits >> 8, bits & 255]), value])
}

function packet(tag: number, body: Buffer): Buffer {
  const length = Buffer.alloc(5, 255)
  length.writeUInt32BE(body.byteLength, 1)
  return Buffer.concat([Buffer.from([0xc0 | tag]), length, body])
}
