import { createHash, createSign, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

/** A key pair of OpenPGP, version 4, and what it signs. RFC 9580. */
export interface TestSigner {
  /** As a keyring file holds it. */
  readonly publicKey: Buffer
  /** A revocation, to be put behind the key. */
  readonly revocation: Buffer
  /** Lower-case hex. */
  readonly fingerprint: string
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
  const signed = Buffer.concat([head, key])
  const fingerprint = createHash('sha1').update(signed).digest()
  const signer: Signer = { kind, privateKey, fingerprint }
  const user = Buffer.from('Test <test@example.org>')
  const length = Buffer.from([0xb4, 0, 0, 0, user.byteLength])
  const certificate = signBytes(Buffer.concat([signed, length, user]), 0x13, signer)
  return {
    publicKey: Buffer.concat([packet(6, key), packet(13, user), certificate]),
    fingerprint: fingerprint.toString('hex'),
    revocation: packet(2, Buffer.from([4, 0x20, 1, 8, 0, 0, 0, 0, 0, 0])),
    clearSign(text) {
      const signature = signText(text, signer)
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

interface Signer {
  readonly kind: 'rsa' | 'eddsa'
  readonly privateKey: KeyObject
  readonly fingerprint: Buffer
}

function signText(text: string, signer: Signer): Buffer {
  const lines = text.split('\n').map((line) => line.replace(/[ \t]+$/, ''))
  return signBytes(Buffer.from(lines.join('\r\n')), 1, signer)
}

function signBytes(data: Buffer, type: number, signer: Signer): Buffer {
  const { kind, privateKey, fingerprint } = signer
  const issuer = Buffer.concat([Buffer.from([22, 33, 4]), fingerprint])
  const subpackets = Buffer.concat([Buffer.from([5, 2, 0x60, 0, 0, 1]), issuer])
  const algorithm = kind === 'rsa' ? RSA : EDDSA
  const hashed = Buffer.concat([
    Buffer.from([4, type, algorithm, 8, 0, subpackets.byteLength]),
    subpackets,
  ])
  const trailer = Buffer.from([4, 255, 0, 0, 0, hashed.byteLength])
  const signed = Buffer.concat([data, hashed, trailer])
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

/** The keyring with the signatures of subkeys on their primary keys taken out of its bindings, where they are not signed along. */
export function withoutEmbedded(keyring: Buffer): Buffer {
  const packets: Buffer[] = []
  for (let at = 0; at < keyring.byteLength;) {
    const { tag, start, end } = packetAt(keyring, at)
    const body = keyring.subarray(start, end)
    packets.push(packet(tag, tag === 2 && body[1] === 0x18 ? withoutUnhashed(body) : body))
    at = end
  }
  return Buffer.concat(packets)
}

// Old and new headers, as gpg writes them for keys.
function packetAt(bytes: Buffer, at: number): { tag: number; start: number; end: number } {
  const first = bytes[at]!
  if ((first & 0x40) === 0) {
    const octets = 1 << (first & 3)
    const start = at + 1 + octets
    return { tag: (first >> 2) & 15, start, end: start + bytes.readUIntBE(at + 1, octets) }
  }
  const size = bytes[at + 1]!
  const long = size >= 192
  const start = at + (long ? 3 : 2)
  return {
    tag: first & 63,
    start,
    end: start + (long ? ((size - 192) << 8) + bytes[at + 2]! + 192 : size),
  }
}

// The issuer stays; what is not signed along may be taken away by anybody.
function withoutUnhashed(body: Buffer): Buffer {
  const area = 6 + body.readUInt16BE(4)
  const end = area + 2 + body.readUInt16BE(area)
  return Buffer.concat([body.subarray(0, area), Buffer.from([0, 0]), body.subarray(end)])
}
