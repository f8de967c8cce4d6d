import { resolve } from 'node:path'
import { medianOf } from '../bench-pairs.ts'

const RUNS = 21

/** `waybill --version` against an empty Node script: the start of the command line. At most 1.5 times is wanted. */
export async function bench(): Promise<void> {
  const bin = resolve('tools/waybill/bin/waybill.js')
  const medians = medianOf(
    [
      { name: 'node', file: process.execPath, args: ['-e', ''] },
      { name: 'waybill', file: process.execPath, args: [bin, '--version'] },
    ],
    RUNS,
  )
  const node = medians.get('node')!
  const waybill = medians.get('waybill')!
  console.log(`an empty node script   ${node.toFixed(0)} ms`)
  console.log(
    `waybill --version      ${waybill.toFixed(0)} ms   ${(waybill / node).toFixed(2)} times (wanted: at most 1.5)`,
  )
}
