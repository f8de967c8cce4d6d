import type { CommitHeader } from './parsed-commit.ts'

// Type, optional scope, optional `!`, colon, space. The space may be missing and the description empty, since people write both.
const HEADER =
  /^([\p{L}\p{N}_][\p{L}\p{N}_+.-]*)(?:\(([^()\r\n]+)\))?(!?):(?:\s+|(?=[^\s/:])|$)(.*)$/su

/** Reads a conventional header from one line. */
export function parseHeader(line: string): CommitHeader | null {
  if (!line.includes(':')) return null
  const match = HEADER.exec(line)
  if (match === null) return null
  const [, type = '', scope = null, bang, description = ''] = match
  return { type, scope, breaking: bang === '!', description: description.trim() }
}
