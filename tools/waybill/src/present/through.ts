import type { ThroughCheck } from '@waybill/core'
import { short } from './units.ts'

/** The programs that were accepted beside what was compared. */
export function throughRows(through: readonly ThroughCheck[] = []): string[][] {
  return through.map(({ platform, path, digest }) => ['accepted', platform, path, short(digest)])
}
