import { readTree, type Footer, type Tree } from './grammar.ts'

/** One of the commits release-please sees in a message: the header, and each footer that itself reads like a header. */
export interface ReadCommit {
  readonly type: string
  readonly scope: string | null
  readonly breaking: boolean
  /** The text of the first `Release-As` footer. */
  readonly releaseAs: string | null
}

export interface ReadMessage {
  readonly commits: readonly ReadCommit[]
  /** Why a part of the message was skipped. */
  readonly failures: readonly string[]
}

const SPLIT =
  /\r?\n\r?\n(?=(?:feat|fix|docs|style|refactor|perf|test|build|ci|chore|revert)(?:\(.*?\))?: )/

/** Reads a message as release-please 17 does: parts first, then each part by its grammar. */
export function readMessage(message: string): ReadMessage {
  const commits: ReadCommit[] = []
  const failures: string[] = []
  for (const part of splitMessage(message)) {
    const read = readPart(part)
    if (typeof read === 'string') failures.push(read)
    else commits.push(...read)
  }
  return { commits, failures }
}

// Nested blocks are messages of their own; so is what follows a blank line and looks like a header.
function splitMessage(message: string): string[] {
  const [first = '', ...blocks] = message.split('BEGIN_NESTED_COMMIT')
  let outer = first
  const nested: string[] = []
  for (const block of blocks) {
    const [inner = '', ...rest] = block.split('END_NESTED_COMMIT')
    nested.push(inner)
    outer += rest.join('END_NESTED_COMMIT')
  }
  return [...outer.split(SPLIT).filter((part) => part !== ''), ...nested]
}

function readPart(text: string): ReadCommit[] | string {
  const tree = readTree(text)
  if (typeof tree === 'string') return tree
  const { type, scope } = tree.summary
  const order = tree.footers.find((footer) => footer.type?.toLowerCase() === 'release-as')
  const releaseAs = order === undefined ? null : order.lines.at(-1)!.trim()
  const commits = tree.footers.flatMap((footer) => {
    const read = footer.type === null ? 'no header' : readPart(footerAsMessage(footer))
    return typeof read === 'string' ? [] : read
  })
  return [...commits, { type, scope, breaking: isBreaking(tree), releaseAs }]
}

function footerAsMessage({ type, scope, mark, separator, lines }: Footer): string {
  const head = `${type}${scope === null ? '' : `(${scope})`}${mark}${separator === ':' ? ': ' : ''}`
  return `${head}${lines.join('\n')}`
}

// Each later marker overwrites the note of the one before, and an empty note is no breaking change.
function isBreaking({ summary, body, footers }: Tree): boolean {
  let note = summary.bang ? summary.text : ''
  const marked = body.findIndex((line) => line.marked)
  if (marked >= 0)
    note = body
      .slice(marked)
      .map(({ text }) => text)
      .join('\n')
  for (const { mark, lines } of footers) {
    if (mark.includes('BREAKING')) note = lines.at(-1)!
  }
  return (
    note.trim() !== '' || /BREAKING-CHANGE:\s*(?=\S)/.test(body.map(({ text }) => text).join('\n'))
  )
}
