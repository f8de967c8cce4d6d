import { WaybillError, type ByteStream } from '@waybill/core'

/** A package as an index lists it. */
export interface PackageRecord {
  readonly name: string
  readonly version: string
  readonly architecture: string
  /** Below the archive's folder. */
  readonly filename: string
  readonly size: number
  readonly sha256: string
}

// Far above any real entry.
const LIMIT = 4 * 1024 * 1024

function tooLong(): WaybillError {
  return new WaybillError(
    'ERR_INVALID_INDEX',
    `An index of packages has an entry over ${LIMIT} bytes`,
  )
}

/** Finds packages in a Packages file, without keeping the rest. @throws {ERR_INVALID_INDEX} */
export async function findPackages(
  stream: ByteStream,
  wanted: ReadonlySet<string>,
): Promise<PackageRecord[]> {
  const found: PackageRecord[] = []
  let carry: Buffer = Buffer.alloc(0)
  for await (const chunk of stream) {
    const bytes = Buffer.concat([carry, chunk])
    const end = bytes.lastIndexOf('\n\n')
    if (end >= 0) collect(bytes.subarray(0, end + 1), wanted, found)
    carry = end < 0 ? bytes : bytes.subarray(end + 2)
    if (carry.byteLength > LIMIT) throw tooLong()
  }
  collect(Buffer.concat([carry, Buffer.from('\n')]), wanted, found)
  return found
}

function collect(bytes: Buffer, wanted: ReadonlySet<string>, found: PackageRecord[]): void {
  for (let at = 0; at < bytes.byteLength;) {
    const next = bytes.indexOf('\n\n', at)
    const end = next < 0 ? bytes.byteLength : next
    const name = bytes.toString('latin1', at, bytes.indexOf('\n', at)).replace(/^Package: /, '')
    const record = wanted.has(name) ? readRecord(name, bytes.toString('utf8', at, end)) : undefined
    if (record !== undefined) found.push(record)
    at = end + 2
  }
}

function readRecord(name: string, stanza: string): PackageRecord | undefined {
  const field = (key: string): string =>
    new RegExp(`^${key}: *(.*)$`, 'm').exec(stanza)?.[1]?.trim() ?? ''
  const record = {
    name,
    version: field('Version'),
    architecture: field('Architecture'),
    filename: field('Filename'),
    size: Number(field('Size')),
    sha256: field('SHA256'),
  }
  return isPlainFilename(record.filename) && /^[0-9a-f]{64}$/.test(record.sha256)
    ? record
    : undefined
}

/** Whether a path from an index or a lock file stays below the archive's pool. */
export function isPlainFilename(path: string): boolean {
  return /^pool\/[\w./+~:%-]+\.deb$/.test(path) && !path.split('/').includes('..')
}
