/** An OpenPGP packet. RFC 9580 section 4. */
export interface Packet {
  readonly tag: number
  readonly body: Buffer
}

/** Reads packets up to the first that is cut or of partial length; keys and signatures never are. */
export function* readPackets(bytes: Buffer): Generator<Packet, void, undefined> {
  for (let at = 0; at < bytes.byteLength;) {
    const first = bytes[at]!
    if ((first & 0x80) === 0) return
    const length = (first & 0x40) === 0 ? oldLength(bytes, at) : newLength(bytes, at)
    if (length === undefined || length.start + length.size > bytes.byteLength) return
    const tag = (first & 0x40) === 0 ? (first >> 2) & 15 : first & 63
    at = length.start + length.size
    yield { tag, body: bytes.subarray(length.start, at) }
  }
}

interface Length {
  readonly start: number
  readonly size: number
}

function oldLength(bytes: Buffer, at: number): Length | undefined {
  const octets = [1, 2, 4][bytes[at]! & 3]
  if (octets === undefined || at + 1 + octets > bytes.byteLength) return undefined
  return { start: at + 1 + octets, size: bytes.readUIntBE(at + 1, octets) }
}

function newLength(bytes: Buffer, at: number): Length | undefined {
  const length = variableLength(bytes, at + 1)
  return length === undefined ? undefined : { start: at + 1 + length.octets, size: length.size }
}

/** The length of a packet or subpacket, of one, two or five octets; undefined where it is cut or partial. */
export function variableLength(
  bytes: Buffer,
  at: number,
): { readonly octets: number; readonly size: number } | undefined {
  const first = bytes[at]
  if (first === undefined || (first >= 224 && first < 255)) return undefined
  if (first < 192) return { octets: 1, size: first }
  if (at + (first === 255 ? 5 : 2) > bytes.byteLength) return undefined
  if (first === 255) return { octets: 5, size: bytes.readUInt32BE(at + 1) }
  return { octets: 2, size: ((first - 192) << 8) + bytes[at + 1]! + 192 }
}

/** Reads a multiprecision integer: its bits, then its bytes. Undefined where it is cut. */
export function readInteger(
  bytes: Buffer,
  at: number,
): { readonly value: Buffer; readonly next: number } | undefined {
  if (at + 2 > bytes.byteLength) return undefined
  const next = at + 2 + Math.ceil(bytes.readUInt16BE(at) / 8)
  return next > bytes.byteLength ? undefined : { value: bytes.subarray(at + 2, next), next }
}

/** The bytes inside ASCII armour, or those given when there is none. RFC 9580 section 6. */
export function dearmor(bytes: Buffer): Buffer {
  if (bytes[0] !== 0x2d) return bytes
  const blocks = bytes
    .toString('latin1')
    .matchAll(
      /-----BEGIN PGP [A-Z ]+-----\r?\n(?:.+\r?\n)*?\s*\n([A-Za-z0-9+/=\s]*?)(?:\n=[A-Za-z0-9+/]{4}\s*)?\n-----END/g,
    )
  return Buffer.concat([...blocks].map(([, text]) => Buffer.from(text!, 'base64')))
}
