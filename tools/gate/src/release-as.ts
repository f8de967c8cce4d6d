import { lettersApart, type Finding } from '@waybill/core'
import semver from 'semver'
import type { LineKind } from './footer-zone.ts'
import type { ReleaseAs } from './parsed-commit.ts'

const ANYWHERE = /release-as/i
const ORDER = /^release-as(?:\(([^()]*)\))?\s*(?::| #)(.*)$/i
// The same order with whatever people wrap it in: indentation, quotes, bullets, bold, code.
const WRAPPED =
  /^[\s>*_`~"'+-]*release-as(?:\([^()]*\))?[*_`]*\s*(?::|#)[\s*_`"']*\S*?\d+\.\d+\S*[\s*_`"'.]*$/i
const LOOSE = /release-as(?:\([^()]*\))?\s*[:#]/i

// A line of its own with a version, whose key is nearly the one: `Release As: 1.4.0`.
const SIMILAR =
  /^[\s>*_`~"'+-]*(re[a-z]{3,8}[-_ ]{0,2}a[a-z]{1,2})(?:\([^()]*\))?[*_`]*\s*[:#][\s*_`"']*\S*?\d+\.\d+\S*[\s*_`"'.]*$/i
const MAX_SLIPS = 1

/** Whether a text is worth looking through: one pass over it, whatever it is. */
export const mayOrder = (text: string): boolean => MAYBE.test(text)

// Not tied to the start of a line: a megabyte of blank lines has a million of them.
const MAYBE = /release-as|re[a-z]{3,8}[-_ ]{0,2}a[a-z]{1,2}[ *_`(:#]/i

interface Marks {
  readonly releaseAs: readonly ReleaseAs[]
  readonly findings: readonly Finding[]
}

/** Finds every mention of Release-As: those in a footer are orders, all others findings. */
export function findReleaseAs(lines: readonly string[], kinds: readonly LineKind[]): Marks {
  const releaseAs: ReleaseAs[] = []
  const findings: Finding[] = []
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!
    if (line.length < 10) continue
    const isMention = ANYWHERE.test(line)
    if (!isMention && !isMisspelt(line)) continue
    if (releaseAs.length + findings.length >= ENOUGH)
      return { releaseAs, findings: [...findings, tooMany(index + 1)] }
    if (!isMention) {
      findings.push(misspelt(line, index + 1))
      continue
    }
    const place = inertPlace(index, lines, kinds)
    if (place !== null) findings.push(...inert(line, index + 1, place))
    else releaseAs.push(parseOrder(line, index + 1))
  }
  return { releaseAs, findings }
}

const ENOUGH = 100

function tooMany(line: number): Finding {
  const message = `Release-As is mentioned more than ${ENOUGH} times; from here on it is not read`
  return { code: 'release-as-inert', level: 'error', message, where: { line } }
}

/** Why an order on this line means nothing; null in a footer. */
function inertPlace(
  index: number,
  lines: readonly string[],
  kinds: readonly LineKind[],
): string | null {
  const line = lines[index]!
  if (kinds[index] === 'subject') return 'in the subject'
  if (kinds[index] === 'fenced') return 'in a code block'
  if (/^\s+release-as/i.test(line)) return 'on an indented line'
  if (!ORDER.test(line)) return 'inside a line'
  if (kinds[index] !== 'footer') return 'in the middle of the text'
  if (kinds[index + 1] === 'continuation') return 'with another line under it'
  return null
}

function isMisspelt(line: string): boolean {
  const [, key] = line.length < 300 ? (SIMILAR.exec(line) ?? []) : []
  const letters = key?.toLowerCase().replaceAll(/[-_ ]/g, '')
  return letters !== undefined && lettersApart(letters, 'releaseas') <= MAX_SLIPS
}

function misspelt(line: string, number: number): Finding {
  return {
    code: 'release-as-inert',
    level: 'error',
    message: `"${line.trim()}" is not how Release-As is spelled, and orders nothing`,
    suggestion: 'Write it with a dash, at the start of its line: Release-As: 1.4.0',
    where: { line: number },
  }
}

function inert(line: string, number: number, place: string): Finding[] {
  const alone = line.length < 300 && WRAPPED.test(line)
  if (!alone && !LOOSE.test(line)) return []
  return [
    {
      code: 'release-as-inert',
      level: alone ? 'error' : 'warning',
      message: `"${line.trim()}" stands ${place}, where it orders nothing`,
      suggestion:
        'Write it at the start of a line of its own in the last paragraph: Release-As: 1.4.0',
      where: { line: number },
    },
  ]
}

function parseOrder(line: string, number: number): ReleaseAs {
  const [, named, rest = ''] = ORDER.exec(line) ?? []
  const value = rest.trim()
  const at = value.lastIndexOf('@')
  const component = at > 0 ? value.slice(0, at) : named?.trim()
  const version = cleanVersion(at > 0 ? value.slice(at + 1) : value)
  const clash = at > 0 && named !== undefined && named.trim() !== component
  return {
    component: component ?? null,
    version: clash ? null : version,
    text: line.trim(),
    line: number,
  }
}

// Build metadata may hold an `@`-less anything; semver itself says what is valid. Only one `v` is taken off.
function cleanVersion(text: string): string | null {
  const bare = text.replace(/^v/i, '')
  if (!/^\d/.test(bare) || semver.valid(bare) === null) return null
  return bare
}
