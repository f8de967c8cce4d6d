import { variableLength } from './packets.ts'

/** A subpacket of a signature. RFC 9580 section 5.2.3.7. */
export interface Subpacket {
  readonly type: number
  readonly isCritical: boolean
  readonly body: Buffer
}

/** Reads the subpackets of one area; undefined where one is cut, since what follows it is then unknown. */
export function readSubpackets(area: Buffer): Subpacket[] | undefined {
  const found: Subpacket[] = []
  for (let at = 0; at < area.byteLength;) {
    const length = variableLength(area, at)
    if (length === undefined || length.size === 0) return undefined
    const start = at + length.octets
    const end = start + length.size
    if (end > area.byteLength) return undefined
    const type = area[start]!
    found.push({
      type: type & 0x7f,
      isCritical: (type & 0x80) !== 0,
      body: area.subarray(start + 1, end),
    })
    at = end
  }
  return found
}

/** The types that are read here. RFC 9580 section 5.2.3.7. */
export const SUBPACKET = {
  created: 2,
  expires: 3,
  keyExpires: 9,
  issuerId: 16,
  keyFlags: 27,
  embedded: 32,
  issuerFingerprint: 33,
} as const

// Those whose meaning changes nothing here, so that being critical is no reason to refuse a signature: exportable, trust, revocable, preferences,
// primary user ID, policy, signer's user ID, reason for revocation, features, intended recipient and the like.
const HARMLESS = new Set([4, 5, 7, 11, 21, 22, 23, 24, 25, 26, 28, 29, 30, 35])
const READ: ReadonlySet<number> = new Set(Object.values(SUBPACKET))

/** Whether a subpacket has to be understood and is not: the signature then counts for nothing. */
export function isNotUnderstood({ type, isCritical }: Subpacket): boolean {
  return isCritical && !READ.has(type) && !HARMLESS.has(type)
}
