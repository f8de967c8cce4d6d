import type { Reverts } from './parsed-commit.ts'

const COMMIT =
  /\bthis reverts (?:commits? )?([0-9a-f]{7,64}(?:(?:,? and|,|;| &)\s+(?:commits? )?[0-9a-f]{7,64})*)\b/gi
const NAME = /[0-9a-f]{7,64}/gi
const REFS = /^refs: +([0-9a-f]{7,64}(?:[, ]+[0-9a-f]{7,64})*)\s*$/gim
const PULL = /^reverts +(?:[\w.-]+\/[\w.-]+)?#(\d+)\b/gim
const SUBJECT = /^revert(?:(?:\([^()]*\))?!?: *| +)?"(.*)"(?: \(#\d+\))?\s*$/i
const TYPED = /^revert(?:\([^()]*\))?!?:/i

/** Finds what a message takes back: git's form, GitHub's, and the footer `Refs: sha` under `revert:`. */
export function parseReverts(subject: string, message: string): Reverts | null {
  if (!/revert/i.test(message)) return null
  const quoted = SUBJECT.exec(subject)?.[1] ?? null
  const typed = TYPED.test(subject)
  const commits = all(COMMIT, message).flatMap((text) => text.match(NAME) ?? [])
  if (typed) commits.push(...all(REFS, message).flatMap((text) => text.split(/[, ]+/)))
  const pulls = quoted !== null || typed ? all(PULL, message).map(Number) : []
  if (quoted === null && !typed && commits.length === 0) return null
  return { commits: commits.map((name) => name.toLowerCase()), pulls, subject: quoted }
}

/** How many reverts of one message are read. */
const ENOUGH = 1000

function all(pattern: RegExp, text: string): string[] {
  const found: string[] = []
  for (const [, one = ''] of text.matchAll(pattern)) {
    if (found.length >= ENOUGH) break
    found.push(one)
  }
  return found
}
