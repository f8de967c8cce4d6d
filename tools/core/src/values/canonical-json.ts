import { digestOf, type Digest } from './digest.ts'

/**
 * Writes JSON that is the same for equal values: keys in code-unit order, no white space, no undefined members.
 * After RFC 8785; numbers are whole in everything Waybill writes.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value))
}

/** The digest of a value's canonical JSON. */
export function digestOfJson(value: unknown): Digest {
  return digestOf(canonicalJson(value))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(entries.toSorted(byKey).map(([key, member]) => [key, sorted(member)]))
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => compareText(a, b)

/** Orders texts by code unit: the same in every locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
