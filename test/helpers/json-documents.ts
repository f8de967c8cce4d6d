// JSON documents as they are written, with keys that come twice or in other spellings, made from whole ones.

/** A JSON value whose objects keep what JavaScript's would not: the order, the spelling in the text and the repetition of keys. */
export type Doc = string | number | boolean | null | readonly Doc[] | Pairs

export class Pairs {
  /** Keys as they are written, with their quotes. */
  readonly pairs: readonly (readonly [string, Doc])[]
  readonly isFree: boolean

  constructor(pairs: readonly (readonly [string, Doc])[], isFree = false) {
    this.pairs = pairs
    this.isFree = isFree
  }
}

// Their keys are data.
const FREE: ReadonlySet<string> = new Set(
  'Labels annotations ExposedPorts Volumes digests destinations observed registry.example/a/b'.split(
    ' ',
  ),
)

const isData = (key: string, outer: string): boolean =>
  FREE.has(key) && !(key === 'registry.example/a/b' && outer === 'destinations')

/** Makes such a document of a plain value; `isFree` says of which key, below which, the keys are data. */
export function docOf(value: unknown, isFree = isData, key = '', outer = ''): Doc {
  if (Array.isArray(value)) return value.map((one) => docOf(one, isFree, '', key))
  if (typeof value !== 'object' || value === null) return value as Doc
  const pairs = Object.entries(value).map(
    ([name, held]) => [JSON.stringify(name), docOf(held, isFree, name, key)] as const,
  )
  return new Pairs(pairs, isFree(key, outer))
}

export function write(doc: Doc): string {
  if (Array.isArray(doc)) return `[${doc.map(write).join(',')}]`
  if (doc instanceof Pairs)
    return `{${doc.pairs.map(([key, held]) => `${key}:${write(held)}`).join(',')}}`
  return JSON.stringify(doc)
}

/** Every spelling of a key, as it is written, that Go takes for it and that is not its own; each one once. */
export function spellings(key: string): readonly string[] {
  const lower = key.toLowerCase()
  const found = [
    key.toUpperCase(),
    lower,
    lower.charAt(0).toUpperCase() + lower.slice(1),
    flip(key, 0),
    flip(key, key.length - 1),
    flip(key, key.length >> 1),
    key.replace(/k/i, '\u212a'),
    key.replace(/s/i, '\u017f'),
  ]
  const other = [...new Set(found)].filter((one) => one !== key)
  return [...other.map((one) => JSON.stringify(one)), ...other.slice(0, 1).map(escaped)]
}

function flip(key: string, at: number): string {
  const character = key.charAt(at)
  const upper = character.toUpperCase()
  return (
    key.slice(0, at) + (character === upper ? character.toLowerCase() : upper) + key.slice(at + 1)
  )
}

/** A key in which every character is written as an escape. */
export const escaped = (key: string): string =>
  `"${Array.from({ length: key.length }, (_, at) => `\\u${key.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`

/** Something else of the same type. */
export function otherThan(doc: Doc): Doc {
  if (Array.isArray(doc)) return doc.length > 1 ? doc.slice(1) : []
  if (doc instanceof Pairs) return new Pairs([], doc.isFree)
  if (typeof doc === 'number') return doc + 1
  return typeof doc === 'boolean' ? !doc : `${String(doc)}x`
}

export interface Mutant {
  readonly text: string
  readonly what: string
  /** Whether it means two things. */
  readonly isAmbiguous: boolean
}

/** Every way in which one key of a document can be repeated or spelled otherwise: at every depth, before, behind and at the end. */
export function* mutants(
  doc: Doc,
  path = '',
  within: (inner: Doc) => Doc = (one) => one,
): Generator<Mutant> {
  if (Array.isArray(doc)) {
    for (const [at, item] of doc.entries())
      yield* mutants(item, `${path}[${at}]`, (inner) => within(doc.toSpliced(at, 1, inner)))
    return
  }
  if (!(doc instanceof Pairs)) return
  const { pairs, isFree } = doc
  const made = (changed: readonly (readonly [string, Doc])[]): string =>
    write(within(new Pairs(changed, isFree)))
  for (const [at, [raw, held]] of pairs.entries()) {
    const key = JSON.parse(raw) as string
    const where = `${path}.${key}`
    const places = [...new Set([0, at + 1, pairs.length])]
    for (const place of places) {
      for (const twice of [raw, escaped(key)])
        yield {
          text: made(pairs.toSpliced(place, 0, [twice, otherThan(held)])),
          what: `${where} twice, at ${place}`,
          isAmbiguous: true,
        }
      for (const spelled of spellings(key))
        yield {
          text: made(pairs.toSpliced(place, 0, [spelled, otherThan(held)])),
          what: `${where} and ${spelled} at ${place}`,
          isAmbiguous: !isFree,
        }
    }
    for (const spelled of spellings(key))
      yield {
        text: made(pairs.toSpliced(at, 1, [spelled, held])),
        what: `${where} as ${spelled} alone`,
        isAmbiguous: !isFree,
      }
    yield* mutants(held, where, (inner) =>
      within(new Pairs(pairs.toSpliced(at, 1, [raw, inner]), isFree)),
    )
  }
  if (isFree) return
  const strangers = [
    ['"x-unknown"', 1],
    ['"X-Unknown"', 2],
  ] as const
  yield {
    text: made([...pairs, ...strangers]),
    what: `${path}: two spellings of what nobody knows`,
    isAmbiguous: true,
  }
}
