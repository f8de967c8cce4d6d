import type { ByteRange } from '../store/storage.ts'

/** Reads a Range header of one range: RFC 9110 section 14. Undefined: send the whole; `invalid`: status 416. */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | 'invalid' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || first + last === '') return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return start <= end ? { start, end } : 'invalid'
}

/** Reads a chunk's Content-Range, `0-1023`; some clients write `bytes 0-1023/*`. Undefined where there is none or it cannot be read. */
export function parseContentRange(header: string | undefined): ByteRange | undefined {
  const [, start, end] = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/(?:\*|\d+))?$/.exec(header ?? '') ?? []
  return start === undefined ? undefined : { start: Number(start), end: Number(end) }
}
