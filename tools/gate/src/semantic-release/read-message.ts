import type { SemanticReleasePolicy } from './policy.ts'

/** A message as conventional-commits-parser reads it for semantic-release. */
export interface SemanticCommit {
  readonly header: string
  readonly type: string | null
  readonly scope: string | null
  readonly subject: string | null
  readonly breaking: boolean
  readonly revert: { readonly header: string; readonly hash: string } | null
}

interface Grammar {
  readonly header: RegExp
  readonly note: RegExp
  readonly reverted: RegExp
}

const GRAMMARS: Readonly<Record<SemanticReleasePolicy['preset'], Grammar>> = {
  angular: {
    header: /^(\w*)(?:\((.*)\))?(): (.*)$/,
    note: /^[\s|*]*BREAKING CHANGE[:\s]/i,
    reverted: /^this reverts commit (\w{7,40})\b/i,
  },
  conventionalcommits: {
    header: /^(\w*)(?:\((.*)\))?(!?): (.*)$/,
    note: /^[\s|*]*BREAKING[ -]CHANGE[:\s]/i,
    reverted: /^this reverts commit (\w*)\./i,
  },
}

// A line like this opens a field that swallows the rest of the message; GitHub's ruler is one.
const FIELD = /^-(.+)-$/

/** Reads a message with one of the two grammars. */
export function readSemanticMessage(
  message: string,
  preset: SemanticReleasePolicy['preset'],
): SemanticCommit {
  const grammar = GRAMMARS[preset]
  const lines = withoutOuterLines(message)
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
    .filter((line) => !/^\s*gpg:/.test(line))
  const [header = ''] = lines
  const [, type = null, scope = null, bang, subject = null] = grammar.header.exec(header) ?? []
  const end = lines.findIndex((line, index) => index > 0 && FIELD.test(line))
  const body = lines.slice(1, end < 0 ? undefined : end)
  const breaking = bang === '!' || body.some((line) => grammar.note.test(line))
  return { header, type, scope, subject, breaking, revert: readRevert(message, grammar) }
}

// What stands between `Revert` and the sentence git adds is the header of the reverted commit, perhaps in quotes.
function readRevert(message: string, grammar: Grammar): SemanticCommit['revert'] {
  const opening = /^(?:Revert|revert:)\s"?/i.exec(message)
  if (opening === null) return null
  for (const found of message.matchAll(/this reverts commit /gi)) {
    const hash = grammar.reverted.exec(message.slice(found.index, found.index + 80))?.[1]
    const header = message.slice(opening[0].length, found.index).trimEnd().replace(/"$/, '')
    if (hash !== undefined && header !== '') return { header: header.trim(), hash }
  }
  return null
}

function withoutOuterLines(text: string): string {
  let [start, end] = [0, text.length]
  while (text[start] === '\n' || text[start] === '\r') start++
  while (end > start && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--
  return text.slice(start, end)
}
