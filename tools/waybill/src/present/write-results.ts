import { existsSync } from 'node:fs'
import { writeFileAtomic, type Receipt } from '@waybill/core'
import { htmlReport } from './html-report.ts'
import type { ReleaseReport } from './release-report.ts'
import type { RehearsalState } from '@waybill/release'

export interface Results extends ReleaseReport {
  readonly receipt: Receipt | undefined
}

/** Writes the receipt and the report. Where nothing was applied those of the run before still say it all, times included. */
export async function writeResults(state: RehearsalState, results: Results): Promise<void> {
  const { receipt } = results
  if (receipt === undefined) return
  const idle = receipt.results.every(({ outcome }) => outcome === 'unchanged')
  if (idle && existsSync(state.receipt) && existsSync(state.report)) return
  await writeFileAtomic(state.receipt, `${JSON.stringify(receipt, null, 2)}\n`)
  await writeFileAtomic(state.report, htmlReport(results))
}
