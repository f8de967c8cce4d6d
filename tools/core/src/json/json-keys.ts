/**
 * What is known of a JSON document's objects. A list has the shape of its items. What nothing is known of is `{}`: its keys may not be
 * equal, nor differ in case alone.
 */
export interface JsonShape {
  /** The names that programs read here, and the shapes of what they hold. Another spelling of such a name is refused. */
  readonly fields?: Readonly<Record<string, JsonShape>>
  /** Whether keys are data (labels, annotations, names of files): they may differ in case alone, and may not be equal. @default false */
  readonly free?: boolean
  /** The shape of what other keys hold. @default {} */
  readonly others?: JsonShape
}

/** Keys that are data, at any depth below: for documents that no program written in Go reads. */
export const FREE_BELOW: JsonShape = ((): JsonShape => {
  const shape: { free: boolean; others?: JsonShape } = { free: true }
  shape.others = shape
  return shape
})()

const ASCII = /^[\0-\x7f]*$/

/**
 * The same text for keys that Go's encoding/json takes for one (Unicode simple case folding: `K` and U+212A are both `k`), and now and then for two that it
 * does not (`ß` and `ss`).
 */
export function foldKey(key: string): string {
  if (ASCII.test(key)) return key.toLowerCase()
  // Each character on its own: a whole word's final sigma has a lower case of its own.
  return Array.from(key, (character) => character.toLowerCase().toUpperCase().toLowerCase()).join(
    '',
  )
}

const known = new WeakMap<JsonShape, ReadonlyMap<string, string>>()

/** The names of a shape by their folded spelling. */
export function namesOf(shape: JsonShape): ReadonlyMap<string, string> {
  const before = known.get(shape)
  if (before !== undefined) return before
  const names = new Map(Object.keys(shape.fields ?? {}).map((name) => [foldKey(name), name]))
  known.set(shape, names)
  return names
}

const NOTHING: JsonShape = {}

/** The shape of what a key holds. */
export function shapeBelow({ fields, others = NOTHING }: JsonShape, key: string): JsonShape {
  return fields !== undefined && Object.hasOwn(fields, key) ? fields[key]! : others
}

/** A shape that knows some names, and of others what they hold. */
export function knows(
  names: readonly string[],
  more: Readonly<Record<string, JsonShape>> = {},
): JsonShape {
  return { fields: { ...Object.fromEntries(names.map((name) => [name, NOTHING])), ...more } }
}

/** Keys that are data, and the shape of what each of them holds. */
export function freeKeys(others: JsonShape = NOTHING): JsonShape {
  return { free: true, others }
}
