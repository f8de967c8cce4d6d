import { readFileWhole } from '@waybill/core'
import { parseChecksums, type Checksum } from '@waybill/archive'

/** How large a SHA256SUMS file may be, in bytes: fifty thousand files, where a release has some dozens. */
export const LARGEST_CHECKSUMS: number = 4 * 1024 * 1024

/** Reads a SHA256SUMS file; `shown` names it in errors. @throws {ERR_TOO_LARGE} {ERR_NOT_A_FILE} {ERR_INVALID_CHECKSUMS} */
export async function readChecksums(path: string, shown: string): Promise<Checksum[]> {
  const bytes = await readFileWhole(path, { limit: LARGEST_CHECKSUMS })
  return parseChecksums(bytes.toString('utf8'), shown)
}
