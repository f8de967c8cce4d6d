import { messageOf, WaybillError } from '@waybill/core'
import type { AST } from 'toml-eslint-parser'
import { parsing } from './parsing.ts'
import { bomLength, readable, type DocumentNode } from './tree.ts'

type Builder = { readonly kind: 'object'; readonly members: Map<string, Building> }
type Building = Builder | { readonly kind: 'array'; readonly items: Building[] } | DocumentNode

/** Parses TOML with places. */
export async function parseTomlTree(text: string, where: string): Promise<readonly DocumentNode[]> {
  const { parseTOML } = await import('toml-eslint-parser')
  return parsing(where, 'ERR_INVALID_TOML', () => parse(parseTOML, text, where))
}

function parse(
  parseTOML: typeof import('toml-eslint-parser').parseTOML,
  text: string,
  where: string,
): readonly DocumentNode[] {
  const skip = bomLength(text)
  try {
    // The mark's bytes become spaces, so that offsets stay the file's.
    const program = parseTOML(' '.repeat(skip) + text.slice(skip), { tomlVersion: '1.0' })
    return [fill(program.body[0].body)]
  } catch (error) {
    if (error instanceof RangeError) throw error
    const line = (error as { lineNumber?: number }).lineNumber
    throw new WaybillError(
      'ERR_INVALID_TOML',
      `${where}${line === undefined ? '' : `:${line}`}: not TOML (${messageOf(error)})`,
      { cause: error },
    )
  }
}

function fill(body: AST.TOMLTopLevelTable['body']): DocumentNode {
  const root: Builder = { kind: 'object', members: new Map() }
  for (const node of body) {
    if (node.type === 'TOMLKeyValue') setValue(root, node)
    else for (const pair of node.body) setValue(tableAt(root, node), pair)
    if (node.type === 'TOMLTable' && node.body.length === 0) tableAt(root, node)
  }
  return root as DocumentNode
}

// `resolvedKey` has the index of each element of an array of tables.
function tableAt(root: Builder, table: AST.TOMLTable): Builder {
  let at: Building = root
  for (const [index, key] of table.resolvedKey.entries()) {
    const next = table.resolvedKey[index + 1]
    at = step(at, key, typeof next === 'number' ? 'array' : 'object')
  }
  return at as Builder
}

function step(at: Building, key: string | number, make: 'array' | 'object'): Building {
  const fresh = (): Building =>
    make === 'array' ? { kind: 'array', items: [] } : { kind: 'object', members: new Map() }
  if (at.kind === 'array' && typeof key === 'number') {
    const items = at.items as Building[]
    return (items[key] ??= fresh())
  }
  const members = (at as Builder).members
  const name = readable(String(key))
  const found = members.get(name) ?? fresh()
  members.set(name, found)
  return found
}

function setValue(table: Builder, pair: AST.TOMLKeyValue): void {
  const names = pair.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value))
  const last = names.pop()!
  let at: Building = table
  for (const name of names) at = step(at, name, 'object')
  if (at.kind === 'object') (at as Builder).members.set(readable(last), convert(pair.value))
}

function convert(node: AST.TOMLContentNode): DocumentNode {
  if (node.type === 'TOMLArray') return { kind: 'array', items: node.elements.map(convert) }
  if (node.type === 'TOMLInlineTable') {
    const table: Builder = { kind: 'object', members: new Map() }
    for (const pair of node.body) setValue(table, pair)
    return table as DocumentNode
  }
  const quotes = node.kind === 'string' ? (node.multiline ? 3 : 1) : 0
  return {
    kind: 'scalar',
    value: typeof node.value === 'string' ? readable(node.value) : plain(node.value),
    offset: node.range[0] + quotes,
    length: node.range[1] - node.range[0] - 2 * quotes,
    editable: quotes === 1,
  }
}

const plain = (value: number | boolean | Date): number | boolean | string =>
  value instanceof Date ? value.toISOString() : value
