import type { Finding } from '@waybill/core'

/** Findings as a strict check sees them: a warning is an error. */
export function strictly(
  findings: readonly Finding[],
  strict: boolean | undefined,
): readonly Finding[] {
  if (strict !== true) return findings
  return findings.map((one) => (one.level === 'warning' ? { ...one, level: 'error' } : one))
}
