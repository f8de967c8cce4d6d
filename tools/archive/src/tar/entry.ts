import { WaybillError, type ByteStream } from '@waybill/core'

/** What a tar archive says of one of its members. */
export interface TarHeader {
  /** With `/`, without one at the end. */
  readonly path: string
  readonly type: EntryType
  /** Permission bits with set-id and sticky: 0o7777 at most. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Seconds since 1970, whole. */
  readonly mtime: number
  /** Bytes of content; 0 for all but files. */
  readonly size: number
  /** Where a symlink or hardlink points. */
  readonly linkname?: string
}

export type EntryType =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'hardlink'
  | 'character-device'
  | 'block-device'
  | 'fifo'

/** A member as it is read. Its content must be read before the next member is asked for; what was not read is skipped. */
export interface TarEntry extends TarHeader {
  readonly content: AsyncIterable<Uint8Array>
}

/** A member to be written. Left out: mode 0o755 for directories and 0o644 otherwise (links 0o777), owner 0, time 0, no content. */
export interface TarInput extends Partial<TarHeader> {
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink'
  /** Exactly `size` bytes; a function is called when the member's turn has come. */
  readonly content?: Uint8Array | ByteStream | (() => ByteStream)
}

/** Size of everything in a tar archive. POSIX.1-2017, pax, "ustar Interchange Format". */
export const BLOCK = 512

/** The same bytes with Buffer's ways to read them. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The error for an archive that is no tar, or a damaged or hostile one. */
export function invalidTar(message: string, offset: number): WaybillError {
  return new WaybillError('ERR_INVALID_TAR', `tar: ${message}, at byte ${offset}`, {
    hint: 'The archive is damaged or was not written by a tar program; make or fetch it again.',
    details: { offset },
  })
}
