/** Reads numbers of one byte order and word size out of bytes. Offsets must lie inside. */
export interface View {
  readonly length: number
  u8(at: number): number
  u16(at: number): number
  u32(at: number): number
  /** 64 bits as a number; what is above 2^53 loses its low bits and fails every range check. */
  u64(at: number): number
  /** 32 or 64 bits, by the file's class. */
  word(at: number): number
  readonly bytes: Uint8Array
}

export interface ViewOptions {
  readonly little: boolean
  /** 64-bit words. */
  readonly wide: boolean
}

/** Makes a view of bytes. */
export function createView(bytes: Uint8Array, { little, wide }: ViewOptions): View {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const u32 = (at: number): number => data.getUint32(at, little)
  const u64 = (at: number): number => Number(data.getBigUint64(at, little))
  return {
    length: bytes.byteLength,
    bytes,
    u8: (at) => data.getUint8(at),
    u16: (at) => data.getUint16(at, little),
    u32,
    u64,
    word: wide ? u64 : u32,
  }
}
