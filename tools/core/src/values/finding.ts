/** Where a finding was made. */
export interface FindingPlace {
  readonly commit?: string
  readonly line?: number
  readonly path?: string
  readonly platform?: string
  readonly repository?: string
  /** Of content that is concerned. */
  readonly digest?: string
}

/** Something a person should know: an `error` stops, a `warning` wants a look, a `note` explains. */
export interface Finding {
  /** Stable, lower-case with dashes: `release-as-inert`. */
  readonly code: string
  readonly level: 'error' | 'warning' | 'note'
  readonly message: string
  /** What to write or do instead. */
  readonly suggestion?: string
  readonly where?: FindingPlace
}

/** The answer of a check. `ok` is false when a finding of level error is among the findings. */
export interface Report<Checked = unknown> {
  readonly schemaVersion: 1
  readonly ok: boolean
  readonly checked: readonly Checked[]
  readonly findings: readonly Finding[]
}

/** Makes a report of what was checked and found. */
export function createReport<Checked>(
  checked: readonly Checked[],
  findings: readonly Finding[],
): Report<Checked> {
  return { schemaVersion: 1, ok: !findings.some((f) => f.level === 'error'), checked, findings }
}
