import { Pairs, type Doc } from './json-documents.ts'

/**
 * What a program reads that knows the fields of a template and their exact names: no other fields, and none that are empty, since Go's structs do not say
 * whether a field was there.
 */
export function project(value: unknown, template: Doc): unknown {
  if (Array.isArray(template))
    return (Array.isArray(value) ? value : []).map((one) => project(one, template[0] ?? null))
  if (!(template instanceof Pairs)) return value
  const object = (value ?? {}) as Readonly<Record<string, unknown>>
  const known = new Map(template.pairs.map(([key, held]) => [JSON.parse(key) as string, held]))
  const entries = Object.entries(object).flatMap(([key, held]) => {
    if (template.isFree) return [[key, project(held, template.pairs[0]![1])] as const]
    const inner = known.get(key)
    if (inner === undefined) return []
    const read = project(held, inner)
    return isEmpty(read) ? [] : [[key, read] as const]
  })
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return value === '' || value === 0 || value === false || value === null || value === undefined
}
