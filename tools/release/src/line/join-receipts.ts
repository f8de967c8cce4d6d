import { digestOfJson, type Receipt } from '@waybill/core'
import { publishedOf, type ReleasedComponent } from './line-types.ts'

/** Joins the receipts of a release's images and files into the one that is shown and kept. */
export function joinReceipts(components: readonly ReleasedComponent[]): Receipt | undefined {
  const receipts = components
    .flatMap(publishedOf)
    .flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt]))
  const [first, ...others] = receipts
  if (first === undefined || others.length === 0) return first
  const waived = receipts.flatMap((one) => one.waived ?? [])
  const through = receipts.flatMap((one) => one.through ?? [])
  return {
    ...first,
    waived: waived.length === 0 ? null : [...new Set(waived)].join('; '),
    ...(through.length === 0 ? {} : { through }),
    plan: digestOfJson(receipts.map(({ plan }) => plan)),
    results: receipts.flatMap(({ results }) => results),
    findings: receipts.flatMap(({ findings }) => findings),
  }
}
