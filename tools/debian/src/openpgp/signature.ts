import { createHash, createVerify, verify } from 'node:crypto'
import { ALGORITHM, type PublicKey } from './keys.ts'
import { readInteger, readPackets, variableLength } from './packets.ts'

/** A version 4 signature over text. RFC 9580 section 5.2.3. */
export interface Signature {
  readonly algorithm: number
  readonly hash: string
  /** The start of the packet that is signed along. */
  readonly hashed: Buffer
  /** The fingerprint or the key id of who signed, lower-case hex; a fingerprint ends with the id. */
  readonly issuer: string
  readonly values: readonly Buffer[]
}

const HASHES: Readonly<Record<number, string>> = { 8: 'sha256', 9: 'sha384', 10: 'sha512' }
const TEXT = 1

/** Reads the signatures of a text; those of other kinds or with weak hashes are passed over. */
export function readSignatures(bytes: Buffer): Signature[] {
  return [...readPackets(bytes)].flatMap(({ tag, body }) => {
    const signature = tag === 2 ? readSignature(body) : undefined
    return signature === undefined ? [] : [signature]
  })
}

function readSignature(body: Buffer): Signature | undefined {
  if (body.byteLength < 8 || body[0] !== 4 || body[1] !== TEXT) return undefined
  const hash = HASHES[body[3]!]
  const end = 6 + body.readUInt16BE(4)
  if (hash === undefined || end + 2 > body.byteLength) return undefined
  const unhashedEnd = end + 2 + body.readUInt16BE(end)
  const issuer = issuerOf(body.subarray(6, end)) ?? issuerOf(body.subarray(end + 2, unhashedEnd))
  const values: Buffer[] = []
  for (let at = unhashedEnd + 2; at < body.byteLength;) {
    const integer = readInteger(body, at)
    if (integer === undefined) break
    values.push(integer.value)
    at = integer.next
  }
  if (issuer === undefined) return undefined
  return { algorithm: body[2]!, hash, hashed: body.subarray(0, end), issuer, values }
}

const ISSUER_ID = 16
const ISSUER_FINGERPRINT = 33

function issuerOf(subpackets: Buffer): string | undefined {
  let id: string | undefined
  for (let at = 0; at < subpackets.byteLength;) {
    const length = variableLength(subpackets, at)
    if (length === undefined || length.size === 0) break
    const start = at + length.octets
    const content = subpackets.subarray(start + 1, start + length.size)
    const type = subpackets[start]! & 0x7f
    if (type === ISSUER_FINGERPRINT && content.byteLength === 21) return content.toString('hex', 1)
    if (type === ISSUER_ID && content.byteLength === 8) id = content.toString('hex')
    at = start + length.size
  }
  return id
}

/** Whether a signature is a key's own over a text, whose lines end with CRLF. */
export function isSignedBy(signature: Signature, text: Buffer, signer: PublicKey): boolean {
  const { algorithm, hash, hashed, values } = signature
  if (algorithm !== signer.algorithm || !signer.fingerprint.endsWith(signature.issuer)) return false
  const trailer = Buffer.from([4, 255, 0, 0, 0, 0])
  trailer.writeUInt32BE(hashed.byteLength, 2)
  const parts = [text, hashed, trailer]
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
