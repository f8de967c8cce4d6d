export { archive, type ArchiveFormat, type ArchiveOptions } from './archive.ts'
export { formatChecksums, parseChecksums, type Checksum } from './checksums.ts'
export {
  DEFLATE_PIECE,
  deflatePieces,
  type DeflatedPiece,
  type PieceOptions,
} from './deflate-pieces.ts'
export type { ExtraFile } from './extra-files.ts'
export { gunzip, type GunzipOptions } from './gunzip.ts'
export { gunzipBytes } from './gunzip-bytes.ts'
export { GZIP_HEADER, gzip, gzipPieces, type GzipOptions } from './gzip.ts'
export { readArchive } from './read-archive.ts'
export { createStreamReader, type StreamReader } from './stream-reader.ts'
export type { EntryType, TarEntry, TarHeader, TarInput } from './tar/entry.ts'
export { readTar } from './tar/read-tar.ts'
export { tarFrame, type TarFrame } from './tar/tar-frame.ts'
export { comparePaths, sortEntries, writeTar } from './tar/write-tar.ts'
export { readZip } from './zip/read-zip.ts'
export { writeZip } from './zip/write-zip.ts'
export { hasZstd, unzstd, zstd } from './zstd.ts'
