/** Says what is wrong with a value at a place (`naming.version`), in a clause; undefined: nothing. */
export type Check = (value: unknown, at: string) => string | undefined

type Fields = Readonly<Record<string, unknown>>

/** Whether a value is an object with fields. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value of which a test holds, `expected` in a few words. */
export function that(holds: (value: unknown) => boolean, expected: string): Check {
  return (value, at) =>
    holds(value) ? undefined : `${at} is ${shown(value)}, expected ${expected}`
}

/** Exactly these fields: those of `fields` all, those of `optional` or not, and no other. */
export function fieldsOf(
  fields: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>> = {},
): Check {
  const known = { ...optional, ...fields }
  return (value, at) => {
    if (!isFields(value)) return `${at} is ${shown(value)}, expected an object`
    const below = (key: string): string => (at === THE_WHOLE ? key : `${at}.${key}`)
    const missing = Object.keys(fields).find((key) => !Object.hasOwn(value, key))
    if (missing !== undefined) return `${below(missing)} is missing`
    const unknown = Object.keys(value).find((key) => !Object.hasOwn(known, key))
    if (unknown !== undefined) return `${below(unknown)} is not a field that there is`
    return first(Object.entries(value), ([key, member]) => known[key]!(member, below(key)))
  }
}

/** How the whole is called, whose fields are named without it. */
export const THE_WHOLE = 'the plan'

/** A list of such values, as few as `least` of them. @default 0 */
export function listOf(check: Check, least = 0): Check {
  return (value, at) => {
    if (!Array.isArray(value)) return `${at} is ${shown(value)}, expected a list`
    if (value.length < least) return `${at} is empty`
    return first([...value.entries()], ([index, item]) => check(item, `${at}[${index}]`))
  }
}

/** An object of such values, by names that are not known before. */
export function mapOf(check: Check, least = 0): Check {
  return (value, at) => {
    if (!isFields(value)) return `${at} is ${shown(value)}, expected an object`
    if (Object.keys(value).length < least) return `${at} is empty`
    return first(Object.entries(value), ([key, member]) => check(member, `${at}["${key}"]`))
  }
}

/** The shape that a value has by one of its fields. */
export function byField(field: string, shapes: Readonly<Record<string, Check>>): Check {
  return (value, at) => {
    if (!isFields(value)) return `${at} is ${shown(value)}, expected an object`
    const kind = value[field]
    if (typeof kind === 'string' && Object.hasOwn(shapes, kind)) return shapes[kind]!(value, at)
    const kinds = Object.keys(shapes).join(', ')
    return `${at}.${field} is ${shown(kind)}, expected one of ${kinds}`
  }
}

function first<Item>(
  items: readonly Item[],
  check: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const wrong = check(item)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
