// Ways to change a JSON document, one field at a time, at every depth.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type Plan = { [key: string]: Json }

export type Path = readonly (string | number)[]

/** Every member of a value, at every depth. */
function* membersOf(value: Json, at: Path = []): Generator<Path> {
  if (value === null || typeof value !== 'object') return
  for (const [key, member] of Object.entries(value)) {
    const path = [...at, Array.isArray(value) ? Number(key) : key]
    yield path
    yield* membersOf(member, path)
  }
}

const get = (value: Json, path: Path): Json =>
  path.reduce((one, key) => (one as Record<string, Json>)[key as string]!, value)

/** A copy with something else at a path; undefined: it is taken away. */
export function put(plan: Plan, path: Path, member: Json | undefined): Plan {
  const copy = structuredClone(plan)
  const [last, ...rest] = path.toReversed()
  const parent = get(copy, rest.toReversed())
  if (Array.isArray(parent) && member === undefined) parent.splice(Number(last), 1)
  else if (member === undefined) delete (parent as Record<string, Json>)[last as string]
  else (parent as Record<string, Json>)[last as string] = member
  return copy
}

const retyped = (value: Json): Json[] => [
  null,
  ...(typeof value === 'string' ? [7, [value], { value }] : []),
  ...(typeof value === 'number' ? [`${value}`, -1, 0.5] : []),
  ...(typeof value === 'boolean' ? [`${value}`, 0] : []),
  ...(Array.isArray(value) ? [{}, 'x', Object.fromEntries(Object.entries(value))] : []),
  ...(value !== null && typeof value === 'object' && !Array.isArray(value)
    ? [[], 'x', [value]]
    : []),
]

export interface Mutation {
  readonly what: string
  readonly path: Path
  readonly plan: Plan
}

/** Every member deleted, nulled, of another type, with one more beside it, and as another document has it. */
export function* mutations(plan: Plan, other: Plan): Generator<Mutation> {
  for (const path of membersOf(plan)) {
    const value = get(plan, path)
    const at = path.join('.')
    yield { what: `${at} deleted`, path, plan: put(plan, path, undefined) }
    for (const member of retyped(value))
      yield {
        what: `${at} is ${JSON.stringify(member).slice(0, 60)}`,
        path,
        plan: put(plan, path, member),
      }
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      const extra = [...path, 'more']
      yield { what: `${at}.more added`, path: extra, plan: put(plan, extra, 'x') }
    }
    const theirs = find(other, path)
    if (theirs !== undefined && JSON.stringify(theirs) !== JSON.stringify(value))
      yield { what: `${at} of another plan`, path, plan: put(plan, path, theirs) }
  }
  yield { what: 'more added', path: ['more'], plan: put(plan, ['more'], 'x') }
}

function find(value: Json, path: Path): Json | undefined {
  let one: Json | undefined = value
  for (const key of path) {
    if (one === null || typeof one !== 'object') return undefined
    one = (one as Record<string, Json>)[key as string]
  }
  return one
}
