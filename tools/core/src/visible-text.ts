import { hideCredentials } from './hide-credentials.ts'

// What a terminal, a browser or a log obeys instead of showing: C0 and C1 controls with DEL and NEL, the separators of lines and paragraphs (two
// more line ends), what turns the direction of writing (Trojan Source, CVE-2021-42574), and what has no width, so that two names look like one.
// Joiners (U+200C, U+200D) and variation selectors are kept: scripts and emoji are written with them.
const OBEYED =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]|\p{Surrogate}/gu

const LAYOUT = new Set(['\n', '\t'])

/** Text of any origin with every character visible that would be obeyed instead of shown: `\x1b`, `\u202e`. Line ends and tabs stay. */
export function visibleText(text: string): string {
  return text.replaceAll(OBEYED, (one) => (LAYOUT.has(one) ? one : escaped(one)))
}

/** The same for text that has to stay on one line: line ends and tabs are made visible too. */
export function visibleLine(text: string): string {
  return text.replaceAll(OBEYED, (one) => SHORT[one] ?? escaped(one))
}

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
