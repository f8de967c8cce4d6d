import { dockerKey, normalKey } from './lookup.ts'

/** A member of a JSON object: where it begins and ends in the text, and its value's beginning. */
interface Member {
  readonly key: string
  readonly start: number
  readonly value: number
  readonly end: number
}

/**
 * The text of docker's config.json, which is known to be a JSON object, with the one entry of a registry. Every other entry and field stays as it is written,
 * to the byte; whatever else the registry's credential was kept under goes.
 */
export function withAuthEntry(text: string, registry: string, entry: object): string {
  const root = text.indexOf('{')
  const members = membersAt(text, root)
  const auths = members.find(({ key }) => key === 'auths')
  const style = styleOf(text, root, members)
  if (auths === undefined) {
    const kept = members.map((one) => text.slice(one.start, one.end))
    const added = `"auths": ${authsText([], registry, { entry, style })}`
    return (
      text.slice(0, root) + objectText([...kept, added], 0, style) + text.slice(endOf(text, root))
    )
  }
  const others = (text[auths.value] === '{' ? membersAt(text, auths.value) : [])
    .filter(({ key }) => normalKey(key) !== registry)
    .map((one) => text.slice(one.start, one.end))
  const changed = authsText(others, registry, { entry, style })
  return text.slice(0, auths.value) + changed + text.slice(auths.end)
}

/** How a file is laid out: `newline` is '' where everything is on one line. */
interface Style {
  readonly newline: string
  readonly indent: string
}

// Docker's own is a tab.
const DOCKER: Style = { newline: '\n', indent: '\t' }

function styleOf(text: string, root: number, members: readonly Member[]): Style {
  if (members.length === 0) return DOCKER
  const [, newline, indent] = /^\s*?(\r?\n)[\r\n]*([ \t]*)/.exec(text.slice(root + 1)) ?? []
  return newline === undefined ? { newline: '', indent: '' } : { newline, indent: indent! }
}

function authsText(
  others: readonly string[],
  registry: string,
  { entry, style }: { readonly entry: object; readonly style: Style },
): string {
  const fields = Object.entries(entry).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  )
  const added = `${JSON.stringify(dockerKey(registry))}: ${objectText(fields, 2, style)}`
  return objectText([...others, added], 1, style)
}

function objectText(members: readonly string[], depth: number, { newline, indent }: Style): string {
  const before = (level: number): string => newline + indent.repeat(level)
  const separator = newline === '' ? ', ' : `,${before(depth + 1)}`
  return `{${before(depth + 1)}${members.join(separator)}${before(depth)}}`
}

// The text was parsed before, so that nothing unexpected comes.
function membersAt(text: string, open: number): readonly Member[] {
  const members: Member[] = []
  let at = afterBlanks(text, open + 1)
  while (text[at] === '"') {
    const start = at
    const keyEnd = endOf(text, start)
    const value = afterBlanks(text, afterBlanks(text, keyEnd) + 1)
    const end = endOf(text, value)
    members.push({ key: JSON.parse(text.slice(start, keyEnd)) as string, start, value, end })
    at = afterBlanks(text, end)
    if (text[at] === ',') at = afterBlanks(text, at + 1)
  }
  return members
}

function afterBlanks(text: string, start: number): number {
  let at = start
  while (' \t\r\n'.includes(text[at] ?? '.')) at++
  return at
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]|[^\s"{}[\],:]+/gy

// Behind the value that begins at a place.
function endOf(text: string, start: number): number {
  let depth = 0
  for (let at = start; ; at = afterSeparators(text, at)) {
    TOKEN.lastIndex = at
    const [token] = TOKEN.exec(text)!
    at += token.length
    if (token === '{' || token === '[') depth++
    if (token === '}' || token === ']') depth--
    if (depth === 0) return at
  }
}

function afterSeparators(text: string, start: number): number {
  let at = start
  while (' \t\r\n,:'.includes(text[at] ?? '.')) at++
  return at
}
