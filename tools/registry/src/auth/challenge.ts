/** One challenge of a WWW-Authenticate header: RFC 9110 section 11.6.1. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** By name in lower case. */
  readonly parameters: Readonly<Record<string, string>>
}

// token, then either a parameter's value or the next thing; quoted strings keep commas and escapes.
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const QUOTED = /"((?:[^"\\]|\\.)*)"?/sy
const BARE = /[^\s,"]+/y
const SPACE = /\s*/y
const SEPARATOR = /[\s,]*/y
// Far more than any registry sends.
const LONGEST = 16_384

/** Reads every challenge of one or several headers, one header may hold several; never fails, and skips what cannot be read. */
export function parseChallenges(headers: string | readonly string[] | undefined): Challenge[] {
  return [headers ?? []].flat().flatMap((header) => parseHeader(header.slice(0, LONGEST)))
}

function parseHeader(text: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = []
  const scan = scanner(text)
  scan(SEPARATOR)
  while (!scan.ended()) {
    const word = scan(TOKEN)
    if (word === undefined) {
      scan.skip()
    } else {
      const value = parameterValue(scan)
      const current = challenges.at(-1)
      if (value === undefined)
        challenges.push({ scheme: word.toLowerCase(), parameters: emptyRecord() })
      else if (current !== undefined) current.parameters[word.toLowerCase()] ??= value
    }
    scan(SEPARATOR)
  }
  return challenges
}

// A name from outside must not reach the prototype.
const emptyRecord = (): Record<string, string> => Object.create(null) as Record<string, string>

function parameterValue(scan: Scanner): string | undefined {
  scan(SPACE)
  if (!scan.take('=')) return undefined
  scan(SPACE)
  const quoted = scan(QUOTED)
  if (quoted !== undefined) return quoted.replaceAll(/\\(.)/gs, '$1')
  return scan(BARE) ?? ''
}

interface Scanner {
  /** What matches here (its first group, if it has one), moving past it. */
  (pattern: RegExp): string | undefined
  take(character: string): boolean
  skip(): void
  ended(): boolean
}

function scanner(text: string): Scanner {
  let at = 0
  const scan = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null) return undefined
    at = pattern.lastIndex
    return match[1] ?? match[0]
  }
  return Object.assign(scan, {
    take: (character: string) => text[at] === character && ++at > 0,
    skip: () => void at++,
    ended: () => at >= text.length,
  })
}
