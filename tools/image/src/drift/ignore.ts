import { WaybillError, matchesGlob } from '@waybill/core'

/** Whether something is declared to differ: `*` stands for anything but `/`, `**` for anything; a folder's name for all it holds. */
export function isIgnored(subject: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    matchesGlob(expressionOf(pattern), subject, () => invalidGlob(pattern)),
  )
}

function invalidGlob(pattern: string): WaybillError {
  return new WaybillError('ERR_INVALID_PATTERN', `--ignore ${pattern} takes too long`, {
    hint: 'Write it with fewer stars.',
    outcome: 'usage',
    details: { pattern },
  })
}

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .replace(/\/+$/, '')
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*|\*/g, (stars) => (stars === '**' ? '.*' : '[^/]*'))
  return new RegExp(`^${source}(?:/.*)?$`, 's')
}
