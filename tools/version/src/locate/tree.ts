/** A value in a structured file, with its place. Offsets are bytes: files are decoded one byte to one character. */
export type DocumentNode = ObjectNode | ArrayNode | ScalarNode

export interface ObjectNode {
  readonly kind: 'object'
  readonly members: ReadonlyMap<string, DocumentNode>
}

export interface ArrayNode {
  readonly kind: 'array'
  readonly items: readonly DocumentNode[]
}

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** Of the text inside the quotes, where there are any. */
  readonly offset: number
  readonly length: number
  /** False for a form that is not replaced safely, such as a block scalar. */
  readonly editable: boolean
}

/**
 * Decodes a file for locating: every byte becomes one character, so an offset in the text is an offset in the file, and a
 * byte that is not UTF-8 survives. JSON, TOML and YAML have only ASCII in their grammar.
 */
export function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** The readable form of a text that came out of `toText`. */
export function readable(text: string): string {
  const decoded = Buffer.from(text, 'latin1').toString('utf8')
  return decoded.includes('\uFFFD') ? text : decoded
}

const BOM = '\u00EF\u00BB\u00BF'

/** The length of a byte order mark at the start. */
export function bomLength(text: string): number {
  return text.startsWith(BOM) ? BOM.length : 0
}

/** A child by key or index; undefined where there is none. */
export function childOf(node: DocumentNode | undefined, key: string): DocumentNode | undefined {
  if (node?.kind === 'object') return node.members.get(key)
  if (node?.kind === 'array' && /^\d+$/.test(key)) return node.items[Number(key)]
  return undefined
}

/** The node under a list of keys. */
export function nodeAt(
  node: DocumentNode | undefined,
  keys: readonly string[],
): DocumentNode | undefined {
  return keys.reduce(childOf, node)
}

/** The text under a list of keys; undefined for anything but a string. */
export function stringAt(
  node: DocumentNode | undefined,
  keys: readonly string[],
): string | undefined {
  const found = nodeAt(node, keys)
  return found?.kind === 'scalar' && typeof found.value === 'string' ? found.value : undefined
}

/** The members under a list of keys, in the file's order. */
export function membersAt(
  node: DocumentNode | undefined,
  keys: readonly string[],
): readonly (readonly [string, DocumentNode])[] {
  const found = nodeAt(node, keys)
  return found?.kind === 'object' ? [...found.members] : []
}

/** The items under a list of keys. */
export function itemsAt(
  node: DocumentNode | undefined,
  keys: readonly string[],
): readonly DocumentNode[] {
  const found = nodeAt(node, keys)
  return found?.kind === 'array' ? found.items : []
}
