import { WaybillError } from '@waybill/core'
import type { Document, Node, Pair, Scalar } from 'yaml'
import { parsing } from './parsing.ts'
import { bomLength, readable, type DocumentNode } from './tree.ts'

interface Place {
  readonly yaml: typeof import('yaml')
  readonly document: Document
  /** Bytes before the text that was parsed. */
  readonly skip: number
  readonly where: string
  /** What an anchor names is made once, however many aliases lead there. */
  readonly known: Map<unknown, DocumentNode | undefined | 'open'>
}

/** Parses every document of a YAML file with places. */
export async function parseYamlTree(text: string, where: string): Promise<readonly DocumentNode[]> {
  const yaml = await import('yaml')
  return parsing(where, 'ERR_INVALID_YAML', () => parse(yaml, text, where))
}

function parse(yaml: typeof import('yaml'), text: string, where: string): readonly DocumentNode[] {
  const skip = bomLength(text)
  const documents = yaml.parseAllDocuments(text.slice(skip))
  const list: readonly Document[] = Array.isArray(documents) ? documents : []
  const error = list.flatMap((document) => document.errors)[0]
  if (error !== undefined) {
    const message = error.message.split('\n')[0]!
    throw new WaybillError('ERR_INVALID_YAML', `${where}: not YAML (${message})`, { cause: error })
  }
  return list.flatMap((document) => {
    const tree = convert(document.contents, { yaml, document, skip, where, known: new Map() })
    return tree === undefined ? [] : [tree]
  })
}

function convert(node: unknown, place: Place): DocumentNode | undefined {
  const { yaml, document } = place
  if (yaml.isAlias(node)) return aliased(node.resolve(document), place)
  if (yaml.isMap(node)) return { kind: 'object', members: members(node.items, place) }
  if (yaml.isSeq(node)) {
    const items = node.items.map((item) => convert(item, place))
    return { kind: 'array', items: items.filter((item) => item !== undefined) }
  }
  return yaml.isScalar(node) ? scalar(node, place) : undefined
}

function aliased(node: unknown, place: Place): DocumentNode | undefined {
  const { known, where } = place
  const before = known.get(node)
  if (before === 'open')
    throw new WaybillError('ERR_INVALID_YAML', `${where}: an alias leads to what holds it`)
  if (before !== undefined) return before
  known.set(node, 'open')
  const made = convert(node, place)
  known.set(node, made)
  return made
}

function members(pairs: readonly Pair[], place: Place): Map<string, DocumentNode> {
  const found = new Map<string, DocumentNode>()
  for (const pair of pairs) {
    const key = place.yaml.isScalar(pair.key) ? String(pair.key.value) : undefined
    const value = convert(pair.value as Node | null, place)
    if (key !== undefined && value !== undefined) found.set(readable(key), value)
  }
  return found
}

function scalar(node: Scalar, { yaml, skip }: Place): DocumentNode | undefined {
  if (node.range === null || node.range === undefined) return undefined
  const quoted =
    node.type === yaml.Scalar.QUOTE_DOUBLE || node.type === yaml.Scalar.QUOTE_SINGLE ? 1 : 0
  const [start, end] = node.range
  const value = node.value as string | number | boolean | null
  return {
    kind: 'scalar',
    value: typeof value === 'string' ? readable(value) : value,
    offset: start + quoted + skip,
    length: end - start - 2 * quoted,
    editable: quoted === 1 || (node.type === yaml.Scalar.PLAIN && end > start),
  }
}
