import { constants, gunzipSync } from 'node:zlib'
import { peekPlatforms } from '../peek-platform.ts'

// First bytes of what holds other files. A compressed file counts where its content does, or where nobody can say.
const FORMATS: Readonly<Record<string, string>> = {
  '28b52ffd': 'zstd',
  '504b0304': 'zip',
  '504b0506': 'zip',
  '504b0708': 'zip',
  fd377a58: 'xz',
  '425a68': 'bzip2',
  '213c617263683e0a': 'a Debian package or ar archive',
  edabeedb: 'rpm',
  '377abcaf271c': '7z',
  '78617221': 'xar',
  '4d534346': 'cab',
  d0cf11e0a1b11ae1: 'msi',
  '04224d18': 'lz4',
  '4c5a4950': 'lzip',
  '68737173': 'squashfs',
  '1f9d': 'compress',
}

/** What a file holds other files as; undefined where its first bytes say that it holds none. */
export function packedFormat(start: Uint8Array): string | undefined {
  const magic = Buffer.from(start.subarray(0, 8)).toString('hex')
  const known = Object.entries(FORMATS).find(([bytes]) => magic.startsWith(bytes))
  if (known !== undefined) return known[1]
  if (isTar(start)) return 'tar'
  if (!magic.startsWith('1f8b')) return undefined
  const inside = unpackedStart(start)
  if (inside === undefined) return 'gzip'
  return isTar(inside) || peekPlatforms(inside).length > 0 || packedFormat(inside) !== undefined
    ? 'gzip'
    : undefined // a manual page, for example
}

const isTar = (start: Uint8Array): boolean =>
  Buffer.from(start.subarray(257, 262)).toString('latin1') === 'ustar'

function unpackedStart(start: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1 << 24 })
  } catch {
    return undefined
  }
}
