import { visibleLine } from '@waybill/core'
import { table } from './table.ts'
import { short } from './units.ts'

type Fields = Readonly<Record<string, unknown>>

/** What a report looked at, a line each: in columns under one head where all of it is of one kind. */
export function checkedText(checked: readonly unknown[]): string {
  const rows = checked.map(fieldsOf)
  const head = Object.keys(rows[0] ?? {})
  const alike = rows.every((row) => Object.keys(row).join() === head.join())
  if (alike && rows.length > 1)
    return table([head, ...rows.map((row) => Object.values(row).map(shown))])
  return rows.map(named).map(visibleLine).join('\n')
}

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : { checked: value }

const named = (row: Fields): string =>
  Object.entries(row)
    .map(([key, value]) => `${key} ${shown(value)}`)
    .join('  ')

function shown(value: unknown): string {
  if (value === null) return '-'
  if (typeof value !== 'string') return JSON.stringify(value)
  return /^(?:sha256|sha512|gitCommit):[0-9a-f]{40,}$/.test(value) ? short(value) : value
}
