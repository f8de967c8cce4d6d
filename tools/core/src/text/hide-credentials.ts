// A word of a sentence, as far as an address can reach.
const WORD = /[^\s"'<>]+/g
// More at signs than any address has.
const MAX_TRIES = 50

// What is signed or granted by a part of the address itself.
const IN_QUERY =
  /([?&](?:[\w.-]{0,40}(?:token|signature|secret|password|credential|api[-_]?key)|sig)=)[^&\s"'<>]+/gi

/** Text with the users, passwords and tokens taken out of the addresses in it, in URLs and in references: `https://***@host`, `***@host/app`. */
export function hideCredentials(text: string): string {
  const plain = text.includes('@') ? text.replaceAll(WORD, hideInWord) : text
  return plain.includes('=') ? plain.replaceAll(IN_QUERY, '$1***') : plain
}

/**
 * Text that as a whole was meant as one address, for an error that quotes it: all that stands before the last at sign is taken out, blanks and quotes
 * too, unless a digest follows the sign. At most 300 characters are quoted, counted afterwards, so that no cut hides the sign.
 */
export function quotedAddress(text: string): string {
  const at = text.lastIndexOf('@')
  const isUser = at > 0 && !/^sha\d{3}:/i.test(text.slice(at + 1))
  return hideCredentials(isUser ? `${schemeOf(text)}***${text.slice(at)}` : text).slice(0, 300)
}

const schemeOf = (text: string): string => /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? ''

/** Any plain data with the same done to every text in it. */
export function hideCredentialsIn<Value>(value: Value): Value {
  if (typeof value === 'string') return hideCredentials(value) as Value
  if (Array.isArray(value)) return value.map(hideCredentialsIn) as Value
  if (!isPlain(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, hideCredentialsIn(member)]),
  ) as Value
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}

// Steps from the last at sign to the first: a password may hold one, and a path behind the host too.
function hideInWord(word: string): string {
  const start = beginOf(word)
  const scheme = word.slice(0, start).endsWith('://') ? word.slice(0, start) : undefined
  let at = word.lastIndexOf('@')
  for (let tries = 0; at >= start && tries < MAX_TRIES; tries++) {
    const user = word.slice(start, at)
    if (isSecret(user, scheme) && isHost(word.slice(at + 1, at + 300), scheme, user))
      return `${word.slice(0, start)}***${word.slice(at)}`
    at = word.lastIndexOf('@', at - 1)
  }
  return word
}

// Behind `https://`, or behind what leads to a reference: `--to=`, `(`, a comma.
function beginOf(word: string): number {
  const scheme = word.indexOf('://')
  if (scheme >= 0) return scheme + 3
  const end = word.search(/[:@]/)
  return Math.max(...['=', '(', ','].map((sign) => word.lastIndexOf(sign, end))) + 1
}

function isSecret(user: string, scheme: string | undefined): boolean {
  // The scope of an npm package (registry.example:80/@scope, npm:@scope/name), and a user without a password.
  if (/[/:]$/.test(user)) return false
  if (user.includes(':')) return true
  // A user alone is a token in https://TOKEN@host, and a name in ssh://git@host.
  return scheme !== undefined && !/ssh:\/\/$/i.test(scheme) && !/[/?#]/.test(user) && user !== ''
}

// A tag before a digest (`app:1.0@sha256:…`) and an alias of npm (`npm:app@1.0`) look like a user, but no host follows.
function isHost(rest: string, scheme: string | undefined, user: string): boolean {
  if (/^sha\d{3}:[0-9a-f]/i.test(rest) || /^sha\d{3}:$/i.test(rest)) return false
  const name = /^(?:\[[\d:a-f]+\]|[\w.-]+)/i.exec(rest)?.[0]
  if (name === undefined) return false
  // In a URL a user stands before nothing else, so any word is a host: https://user:password@gitea.
  if (scheme !== undefined && !/[/?#]/.test(user)) return true
  const next = rest[name.length]
  if (next === ':' || next === '/' || name.startsWith('[')) return true
  return name === 'localhost' || /^\d+(?:\.\d+){3}$/.test(name) || /\.[a-z]{2}/i.test(name)
}
