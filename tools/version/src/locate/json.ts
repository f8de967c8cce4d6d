import { WaybillError } from '@waybill/core'
import type { Node, ParseError } from 'jsonc-parser'
import { parsing } from './parsing.ts'
import { bomLength, readable, type DocumentNode } from './tree.ts'

/** Parses JSON with places; comments and trailing commas, as tsconfig.json and deno.json have them, are let through. */
export async function parseJsonTree(text: string, where: string): Promise<readonly DocumentNode[]> {
  const parser = await loadParser()
  return parsing(where, 'ERR_INVALID_JSON', () => parse(parser, text, where))
}

function parse(
  { parseTree, printParseErrorCode }: Parser,
  text: string,
  where: string,
): readonly DocumentNode[] {
  const skip = bomLength(text)
  const errors: ParseError[] = []
  const root = parseTree(text.slice(skip), errors, { allowTrailingComma: true })
  const first = errors[0]
  if (root === undefined || first !== undefined) {
    const what = first === undefined ? 'empty' : printParseErrorCode(first.error)
    const line = text.slice(0, first?.offset ?? 0).split('\n').length
    throw new WaybillError('ERR_INVALID_JSON', `${where}:${line}: not JSON (${what})`)
  }
  return [convert(root, skip)]
}

type Parser = typeof import('jsonc-parser')

// Node takes the package as CommonJS, its one default; a bundler takes its ES modules, which have none.
async function loadParser(): Promise<Parser> {
  const loaded = (await import('jsonc-parser')) as unknown as Parser & { readonly default?: Parser }
  return loaded.default ?? loaded
}

function convert(node: Node, skip: number): DocumentNode {
  if (node.type === 'object') return { kind: 'object', members: members(node, skip) }
  if (node.type === 'array') {
    return { kind: 'array', items: (node.children ?? []).map((item) => convert(item, skip)) }
  }
  const quoted = node.type === 'string'
  const value = node.value as string | number | boolean | null
  return {
    kind: 'scalar',
    value: typeof value === 'string' ? readable(value) : value,
    offset: node.offset + skip + (quoted ? 1 : 0),
    length: node.length - (quoted ? 2 : 0),
    editable: quoted,
  }
}

// A key that stands twice means its last value, as for JSON.parse.
function members(node: Node, skip: number): Map<string, DocumentNode> {
  const found = new Map<string, DocumentNode>()
  for (const { children: [key, value] = [] } of node.children ?? []) {
    if (key !== undefined && value !== undefined) {
      found.set(readable(key.value as string), convert(value, skip))
    }
  }
  return found
}
