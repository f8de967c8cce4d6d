import { createHmac, timingSafeEqual } from 'node:crypto'
import { canonicalJson } from '../../values/canonical-json.ts'
import { digestOf } from '../../values/digest.ts'

/** What is remembered of: the folder its records lie in, and the domain of their MACs, so that a record of one kind never passes for one of another. */
export type CacheKind =
  | 'built'
  | 'compilers'
  | 'debian-layers'
  | 'dist'
  | 'facts'
  | 'indexes'
  | 'layers'
  | 'tools'

/** All that decides what was made. */
export interface CacheQuestion {
  readonly kind: CacheKind
  /** How it is made; plain data. */
  readonly recipe: unknown
  /** What it is made of: digests, and other plain data. */
  readonly inputs: unknown
}

/** The name of a record: hex digits, whatever is asked for. */
export function cacheName({ kind, recipe, inputs }: CacheQuestion): string {
  return digestOf(canonicalJson({ kind, recipe, inputs })).slice('sha256:'.length)
}

const START = '{"mac":"'
const MIDDLE = '","record":'
// Raised whenever older records must not be believed any more.
const FORMAT = 1

/** Writes a record: what was asked, what was made, and a MAC over both. */
export function sealRecord(key: Uint8Array, question: CacheQuestion, outputs: unknown): string {
  const { kind, recipe, inputs } = question
  const body = canonicalJson({ kind, recipe, inputs, outputs })
  return `${START}${macOf(key, question, body).toString('hex')}${MIDDLE}${body}}`
}

/** What a record says was made; undefined unless it was written with this key for this question. */
export function openRecord(key: Uint8Array, question: CacheQuestion, text: string): unknown {
  const at = text.indexOf(MIDDLE)
  if (!text.startsWith(START) || at < 0 || !text.endsWith('}')) return undefined
  const body = text.slice(at + MIDDLE.length, -1)
  const [expected, found] = [macOf(key, question, body), text.slice(START.length, at)]
  // Compared as text, since hex is read leniently.
  if (!isEqual(Buffer.from(expected.toString('hex')), Buffer.from(found))) return undefined
  return (JSON.parse(body) as { readonly outputs: unknown }).outputs
}

const isEqual = (one: Buffer, other: Buffer): boolean =>
  one.byteLength === other.byteLength && timingSafeEqual(one, other)

// The name is in it too: a record that was copied to another's place answers another question.
function macOf(key: Uint8Array, question: CacheQuestion, body: string): Buffer {
  const domain = createHmac('sha256', key)
    .update(`waybill cache ${FORMAT} ${question.kind}`)
    .digest()
  return createHmac('sha256', domain)
    .update(`${cacheName(question)}\n${body}`)
    .digest()
}
