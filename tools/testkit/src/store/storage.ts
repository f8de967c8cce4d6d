/** The first and the last byte to read, both included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Bytes on their way in, visible to nobody yet. */
export interface Staged {
  /** Bytes so far. */
  readonly size: number
  append(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>
  read(): AsyncIterable<Uint8Array>
  /** Makes the bytes visible under a key, whole and at once; what was there is replaced. */
  commit(key: string): Promise<void>
  discard(): Promise<void>
}

/**
 * Where a registry keeps its bytes: keys with `/`, each value written whole or not at all. All that the registry
 * means by blobs, manifests and tags is built on this, so that memory and disk cannot differ in behaviour.
 */
export interface Storage {
  /** A value's size in bytes; undefined where there is none. */
  size(key: string): Promise<number | undefined>
  /** Fails, once it is read from, where there is no such value. */
  read(key: string, range?: ByteRange): AsyncIterable<Uint8Array>
  write(key: string, bytes: Uint8Array | string): Promise<void>
  remove(key: string): Promise<boolean>
  /** The names directly below a key, sorted by code unit. */
  list(key: string): Promise<readonly string[]>
  /** Gives a value a second key without copying; false where there is no such value. */
  link(from: string, to: string): Promise<boolean>
  stage(): Promise<Staged>
}
