import { WaybillError, compareText, type Artifact, type Digest } from '@waybill/core'

/** A line of a SHA256SUMS file. */
export interface Checksum {
  readonly name: string
  readonly digest: Digest
}

/** Writes the text that `sha256sum -c` accepts, sorted by name. */
export function formatChecksums(files: readonly Pick<Artifact, 'name' | 'digest'>[]): string {
  return files
    .toSorted((a, b) => compareText(a.name, b.name))
    .map(({ name, digest }) => `${digest.slice('sha256:'.length)}  ${name}\n`)
    .join('')
}

/**
 * Reads the text of a SHA256SUMS file. `where` names it, for the error.
 * @throws {ERR_INVALID_CHECKSUMS} naming the line.
 */
export function parseChecksums(text: string, where: string): Checksum[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    const match = /^([0-9a-f]{64}) [ *](\S.*)$/.exec(line.replace(/\r$/, ''))
    if (match !== null) return [{ name: match[2]!, digest: `sha256:${match[1]!}` as Digest }]
    throw new WaybillError(
      'ERR_INVALID_CHECKSUMS',
      `${where}:${index + 1}: expected a sha256 in 64 hex digits, two blanks and a file name`,
      { details: { where, line: index + 1 } },
    )
  })
}
