import { hideCredentials } from './hide-credentials.ts'

// What a terminal, a browser or a log obeys instead of showing: C0 and C1 controls with DEL and NEL, the separators of lines and paragraphs (two
// more line ends), what turns the direction of writing (Trojan Source, CVE-2021-42574), and everything that Unicode itself calls ignorable: it has no
// width, so two names look like one, or a text is hidden in another (fillers, tags, variation selectors). Surrogates are halves of characters.
const OBEYED =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\p{Default_Ignorable_Code_Point}\u{FFF9}-\u{FFFB}\u{13430}-\u{1343F}]/gu

const LAYOUT = new Set(['\n', '\t'])

/** Text of any origin with every character visible that would be obeyed instead of shown: `\x1b`, `\u202e`. Line ends and tabs stay. */
export function visibleText(text: string): string {
  return text.replaceAll(OBEYED, (one, at: number, whole: string) =>
    LAYOUT.has(one) || isWriting(one, at, whole) ? one : escaped(one),
  )
}

/** The same for text that has to stay on one line: line ends and tabs are made visible too. */
export function visibleLine(text: string): string {
  return text.replaceAll(
    OBEYED,
    (one, at: number, whole: string) =>
      SHORT[one] ?? (isWriting(one, at, whole) ? one : escaped(one)),
  )
}

// What may stand before a joiner (U+200C, U+200D) in scripts whose letters take other forms by it. Latin letters do not: a joiner there deceives.
const JOINED =
  /^[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Nko}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]$/u
const PICTURE = /^[\p{Extended_Pictographic}\p{Emoji_Modifier}]$/u
// U+FE0F and U+FE0E choose between a picture and a sign of text; U+20E3 makes a key of a digit.
const STYLE = /^[\uFE0E\uFE0F]$/
const WRITING = new Set(['\u200C', '\u200D', '\uFE0E', '\uFE0F'])
const KEYCAP = '\u20E3'

/** Whether an ignorable character does its work where it stands: it joins letters or pictures, or chooses the look of the sign before it. */
function isWriting(one: string, at: number, whole: string): boolean {
  if (!WRITING.has(one)) return false
  const before = lastCharacter(whole.slice(Math.max(0, at - 3), at))
  if (STYLE.test(one))
    return PICTURE.test(before) || (/^[0-9#*]$/.test(before) && whole[at + 1] === KEYCAP)
  if (JOINED.test(before)) return true
  const after = String.fromCodePoint(whole.codePointAt(at + 1) ?? 0)
  return one === '\u200D' && (PICTURE.test(before) || STYLE.test(before)) && PICTURE.test(after)
}

const lastCharacter = (text: string): string => [...text].at(-1) ?? ''

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t' }

function escaped(character: string): string {
  if (character === '\r') return '\\r'
  const code = character.codePointAt(0)!
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`
}

// Runners of CI systems obey lines of a log: GitHub's `::command::` at the start of a line (after any white space) and `##[command]` anywhere, Azure's
// `##vso[…]`, TeamCity's `##teamcity[…]`. GitLab's sections and Buildkite's escapes need control characters, which are visible by now.
const BRACKETS = /##(?=\[|vso\[|teamcity\[)/gi
const COMMANDS = /^\s*:(?=:)|##(?=\[|vso\[|teamcity\[)/gimu

/** Text of any origin for a terminal or a log: visible, not a command to the runner that reads the log, and without credentials in its addresses. */
export function logText(text: string): string {
  return visibleText(hideCredentials(text)).replaceAll(COMMANDS, '$& ')
}

/** JSON that is the value exactly, with everything escaped that a terminal or a runner would obey. */
export function visibleJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2)
  return text
    .replaceAll(OBEYED, (one) => (one === '\n' ? one : inUnits(one)))
    .replaceAll(BRACKETS, inUnits)
}

const inUnits = (text: string): string =>
  [...Array(text.length).keys()]
    .map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('')
