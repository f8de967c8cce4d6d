import { createHash, createVerify, verify, type KeyObject } from 'node:crypto'
import { readInteger, readPackets } from './packets.ts'
import { SUBPACKET, isNotUnderstood, readSubpackets, type Subpacket } from './subpackets.ts'

/** A version 4 signature. RFC 9580 section 5.2.3. */
export interface Signature {
  /** What is signed and why: a text, a key, a binding. RFC 9580 section 5.2.1. */
  readonly type: number
  readonly algorithm: number
  readonly hash: string
  /** The start of the packet, which is signed along. */
  readonly hashed: Buffer
  /** The fingerprint or the key id of the signer, lower-case hex; a fingerprint ends with the id. */
  readonly issuer: string
  /** Seconds since 1970. */
  readonly created: number
  /** Seconds since 1970. @default never */
  readonly expires: number | undefined
  /** Seconds after the creation of the key that is certified. @default never */
  readonly keyExpires: number | undefined
  /** What the key that is certified may do. @default unsaid */
  readonly keyFlags: number | undefined
  /** A signature by a subkey on its primary key. RFC 9580 section 5.2.3.34. */
  readonly embedded: Signature | undefined
  readonly values: readonly Buffer[]
}

/** The public-key algorithms that are understood. RFC 9580 section 9.1. */
export const ALGORITHM = { rsa: 1, eddsa: 22 } as const

/** What a signature can be verified with. */
export interface Verifier {
  readonly fingerprint: string
  readonly algorithm: number
  readonly key: KeyObject
}

// SHA-1 (2) is good enough for what the owner of a key says of the key itself, as in gpgv, and for nothing else.
const HASHES: Readonly<Record<number, string>> = {
  2: 'sha1',
  8: 'sha256',
  9: 'sha384',
  10: 'sha512',
}

/** Reads the signatures among packets; those of other versions, of unknown algorithms, or with something critical that is not understood are left out. */
export function readSignatures(bytes: Buffer): Signature[] {
  return [...readPackets(bytes)].flatMap(({ tag, body }) => {
    const signature = tag === 2 ? readSignature(body) : undefined
    return signature === undefined ? [] : [signature]
  })
}

/** Reads the body of a signature packet; undefined where it counts for nothing. */
export function readSignature(body: Buffer, depth = 0): Signature | undefined {
  if (body.byteLength < 8 || body[0] !== 4 || depth > 1) return undefined
  const hash = HASHES[body[3]!]
  const end = 6 + body.readUInt16BE(4)
  if (hash === undefined || end + 2 > body.byteLength) return undefined
  const unhashedEnd = end + 2 + body.readUInt16BE(end)
  const hashedArea = readSubpackets(body.subarray(6, end))
  const rest = readSubpackets(body.subarray(end + 2, unhashedEnd))
  if (hashedArea === undefined || rest === undefined || hashedArea.some(isNotUnderstood))
    return undefined
  const issuer = issuerOf(hashedArea) ?? issuerOf(rest)
  const created = numberOf(hashedArea, SUBPACKET.created)
  if (issuer === undefined || created === undefined) return undefined
  const lasts = numberOf(hashedArea, SUBPACKET.expires) ?? 0
  return {
    type: body[1]!,
    algorithm: body[2]!,
    hash,
    hashed: body.subarray(0, end),
    issuer,
    created,
    expires: lasts === 0 ? undefined : created + lasts,
    keyExpires: numberOf(hashedArea, SUBPACKET.keyExpires),
    keyFlags: bodyOf(hashedArea, SUBPACKET.keyFlags)?.[0],
    embedded: embeddedOf([...hashedArea, ...rest], depth),
    values: readValues(body, unhashedEnd + 2),
  }
}

const bodyOf = (area: readonly Subpacket[], wanted: number): Buffer | undefined =>
  area.find(({ type }) => type === wanted)?.body

function numberOf(area: readonly Subpacket[], wanted: number): number | undefined {
  const body = bodyOf(area, wanted)
  return body?.byteLength === 4 ? body.readUInt32BE(0) : undefined
}

function issuerOf(area: readonly Subpacket[]): string | undefined {
  const fingerprint = bodyOf(area, SUBPACKET.issuerFingerprint)
  if (fingerprint?.byteLength === 21) return fingerprint.toString('hex', 1)
  const id = bodyOf(area, SUBPACKET.issuerId)
  return id?.byteLength === 8 ? id.toString('hex') : undefined
}

function embeddedOf(area: readonly Subpacket[], depth: number): Signature | undefined {
  const body = bodyOf(area, SUBPACKET.embedded)
  return body === undefined ? undefined : readSignature(body, depth + 1)
}

function readValues(body: Buffer, start: number): Buffer[] {
  const values: Buffer[] = []
  for (let at = start; at < body.byteLength;) {
    const integer = readInteger(body, at)
    if (integer === undefined) break
    values.push(integer.value)
    at = integer.next
  }
  return values
}

/** Whether a signature over some bytes is a key's own; dates are not looked at. */
export function isSignedBy(signature: Signature, data: Buffer, signer: Verifier): boolean {
  const { algorithm, hash, hashed, values } = signature
  if (algorithm !== signer.algorithm || !signer.fingerprint.endsWith(signature.issuer)) return false
  const trailer = Buffer.from([4, 255, 0, 0, 0, 0])
  trailer.writeUInt32BE(hashed.byteLength, 2)
  const parts = [data, hashed, trailer]
  if (algorithm === ALGORITHM.rsa) {
    const check = createVerify(hash)
    for (const part of parts) check.update(part)
    const { asymmetricKeyDetails } = signer.key
    const bytes = Math.ceil((asymmetricKeyDetails?.modulusLength ?? 0) / 8)
    return check.verify(signer.key, padStart(values[0] ?? Buffer.alloc(0), bytes))
  }
  if (algorithm !== ALGORITHM.eddsa || values.length !== 2) return false
  const digest = createHash(hash)
  for (const part of parts) digest.update(part)
  const signed = Buffer.concat(values.map((value) => padStart(value, 32)))
  return signed.byteLength === 64 && verify(null, digest.digest(), signer.key, signed)
}

// Integers lose their leading zeros.
function padStart(value: Buffer, length: number): Buffer {
  return Buffer.concat([Buffer.alloc(Math.max(0, length - value.byteLength)), value])
}
