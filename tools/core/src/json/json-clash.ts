import { foldKey, namesOf, shapeBelow, type JsonShape } from './json-keys.ts'

/** What makes a JSON document mean one thing to one program and another to the next. */
export interface JsonClash {
  readonly kind: 'ambiguous' | 'half-pair' | 'too-deep'
  /** Where: `config.Labels`, `manifests[3]`; '' is the document itself. */
  readonly path: string
  /** The two spellings, as they mean; with `isKnown` the first is the name that programs look for and is not there itself. */
  readonly keys: readonly string[]
  readonly isKnown?: boolean
}

/** As deep as objects and lists may lie within each other; Go's encoding/json stops at 10,000, image documents at about 6. */
const DEEPEST = 1000

interface Frame {
  isObject: boolean
  shape: JsonShape
  /** The keys so far, by what may not come twice. */
  readonly seen: Map<string, string>
  key: string
  index: number
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const HALF_PAIR = /\p{Cs}/u
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/

/** Looks for such a place in one pass over a text that is known to be JSON; nothing in it is followed by recursion. */
export function findClash(text: string, shape: JsonShape): JsonClash | undefined {
  const mayHoldHalves = SURROGATE_ESCAPE.test(text)
  const frames: Frame[] = []
  let depth = -1
  let isKey = false
  const clash = (kind: JsonClash['kind'], keys: readonly string[] = []): JsonClash => ({
    kind,
    keys,
    path: pathOf(frames.slice(0, depth + 1)),
  })

  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = endOfString(text, at)
      if (mayHoldHalves && HALF_PAIR.test(stringAt(text, at, end))) return clash('half-pair')
      if (isKey) {
        const found = addKey(frames[depth]!, stringAt(text, at, end))
        if (found !== undefined)
          return { ...found, kind: 'ambiguous', path: pathOf(frames.slice(0, depth)) }
      }
      at = end
    } else if (code === COMMA) {
      const frame = frames[depth]!
      isKey = frame.isObject
      frame.index++
    } else if (code === COLON) isKey = false
    else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (depth + 1 >= DEEPEST) return clash('too-deep')
      const inner = depth < 0 ? shape : shapeWithin(frames[depth]!)
      depth++
      isKey = code === OPEN_OBJECT
      enter((frames[depth] ??= newFrame()), inner, isKey)
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      depth--
      isKey = false
    }
  }
  return undefined
}

const newFrame = (): Frame => ({ isObject: false, shape: {}, seen: new Map(), key: '', index: 0 })

function enter(frame: Frame, shape: JsonShape, isObject: boolean): void {
  frame.isObject = isObject
  frame.shape = shape
  frame.key = ''
  frame.index = 0
  if (frame.seen.size > 0) frame.seen.clear()
}

const shapeWithin = ({ isObject, shape, key }: Frame): JsonShape =>
  isObject ? shapeBelow(shape, key) : shape

// Where a string ends: at the first quote before which the number of backslashes is even.
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before--
    if ((end - before) % 2 === 1) return end
  }
}

function stringAt(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end)
  return raw.includes('\\') ? (JSON.parse(text.slice(start, end + 1)) as string) : raw
}

function addKey(frame: Frame, key: string): Omit<JsonClash, 'kind' | 'path'> | undefined {
  const { shape, seen } = frame
  const isFree = shape.free === true
  const folded = isFree ? key : foldKey(key)
  const before = seen.get(folded)
  if (before !== undefined) return { keys: [before, key] }
  seen.set(folded, key)
  frame.key = key
  const name = isFree ? undefined : namesOf(shape).get(folded)
  return name === undefined || name === key ? undefined : { keys: [name, key], isKnown: true }
}

function pathOf(frames: readonly Frame[]): string {
  const parts = frames.map(({ isObject, key, index }) => {
    if (!isObject) return `[${index}]`
    return /^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `[${shownKey(key)}]`
  })
  const short = parts.length > 16 ? [...parts.slice(0, 8), '…', ...parts.slice(-8)] : parts
  return short.join('').replace(/^\./, '')
}

const LONGEST = 80

const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A key as a message shows it: in ASCII, so that the Kelvin sign is not taken for a K, not longer than a line, without a password that a URL holds. */
export function shownKey(key: string): string {
  const bare = key.replace(/^(\w+:\/\/)?[^/@]*:[^/@]*@/, '$1…@')
  const cut = bare.length > LONGEST ? `${bare.slice(0, LONGEST)}…` : bare
  return JSON.stringify(cut).replaceAll(/[^\x20-\x7e…]/g, escaped)
}
