import { WaybillError } from '@waybill/core'
import type { ScalarNode, DocumentNode } from './tree.ts'

// A bare name, `*`, `[0]`, `["a b"]`, `['a b']`, `"a b"` or `'a b'`.
const STEP =
  /^(?:\.?([^.[\]"'*]+)|\.?(\*)|\[(\*|\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\.?"((?:[^"\\]|\\.)*)"|\['([^']*)'\]|\.?'([^']*)')/

/**
 * Reads a path into a structured file: `package.version`, `a."b c"`, `packages[""].version`, `images[*].tag`, with or without a leading `$`.
 * `*` stands for every member.
 * @throws {ERR_INVALID_KEY}
 */
export function parseKeyPath(text: string): readonly string[] {
  const keys: string[] = []
  let rest = text.replace(/^\$\.?/, '')
  while (rest !== '') {
    const match = STEP.exec(rest)
    if (match === null) throw invalidKey(text, rest)
    const [, name, star, index, inBrackets, quoted, ...literal] = match
    const escaped = inBrackets ?? quoted
    const plain = name ?? star ?? index ?? literal.find((text) => text !== undefined)
    keys.push(plain ?? escaped!.replace(/\\(.)/g, '$1'))
    rest = rest.slice(match[0].length)
  }
  if (keys.length === 0) throw invalidKey(text, text)
  return keys
}

function invalidKey(text: string, rest: string): WaybillError {
  return new WaybillError('ERR_INVALID_KEY', `The key "${text}" can't be read from "${rest}" on`, {
    hint: 'Write it like package.version, packages[""].version or images[0].tag.',
    outcome: 'usage',
  })
}

/** Writes a path as `parseKeyPath` reads it. */
export function stringifyKeyPath(keys: readonly string[]): string {
  const steps = keys.map((key) =>
    /^[\w-]+$/.test(key) ? `.${key}` : `["${key.replace(/["\\]/g, '\\$&')}"]`,
  )
  return steps.join('').replace(/^\./, '')
}

export interface FoundScalar {
  readonly at: string
  readonly node: ScalarNode
}

/** Every scalar a path leads to. */
export function scalarsAt(node: DocumentNode, keys: readonly string[]): readonly FoundScalar[] {
  return walk(node, keys, [])
}

function walk(node: DocumentNode, keys: readonly string[], done: readonly string[]): FoundScalar[] {
  const [key, ...rest] = keys
  if (key === undefined) {
    return node.kind === 'scalar' ? [{ at: stringifyKeyPath(done), node }] : []
  }
  return childrenOf(node, key).flatMap(([name, child]) => walk(child, rest, [...done, name]))
}

function childrenOf(node: DocumentNode, key: string): readonly (readonly [string, DocumentNode])[] {
  if (node.kind === 'scalar') return []
  const all: readonly (readonly [string, DocumentNode])[] =
    node.kind === 'object'
      ? [...node.members]
      : node.items.map((item, index) => [String(index), item] as const)
  // A member may be named "*": then it alone is meant.
  const exact = all.filter(([name]) => name === key)
  return exact.length > 0 || key !== '*' ? exact : all
}
