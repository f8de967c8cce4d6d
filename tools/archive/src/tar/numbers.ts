/** Writes a number as octal digits with a NUL at the end; undefined where it does not fit the field. */
export function formatOctal(value: number, length: number): string | undefined {
  if (!Number.isSafeInteger(value) || value < 0) return undefined
  const digits = value.toString(8)
  return digits.length < length ? `${digits.padStart(length - 1, '0')}\0` : undefined
}

/**
 * Reads a numeric field, `length` bytes from `at`: octal digits between blanks or NULs, or GNU's base-256; undefined where it is neither. Copies nothing: a
 * header has ten of them.
 */
export function parseNumber(
  bytes: Uint8Array,
  at = 0,
  length: number = bytes.byteLength - at,
): number | undefined {
  const end = at + length
  return (bytes[at]! & 0x80) === 0
    ? parseOctal(bytes, at, end)
    : parseBase256(bytes.subarray(at, end))
}

const isBlank = (byte: number): boolean => byte === 0 || byte === 0x20

function parseOctal(bytes: Uint8Array, from: number, to: number): number | undefined {
  let [start, end] = [from, to]
  while (start < end && isBlank(bytes[start]!)) start++
  while (start < end && isBlank(bytes[end - 1]!)) end--
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30
    if (digit < 0 || digit > 7) return undefined
    value = value * 8 + digit
  }
  return value
}

// Two's complement over the whole field, its first bit only a mark: GNU tar manual, "Extensions".
function parseBase256(field: Uint8Array): number | undefined {
  const negative = (field[0]! & 0x40) !== 0
  let value = BigInt(field[0]! & 0x7f)
  for (const byte of field.subarray(1)) value = (value << 8n) | BigInt(byte)
  if (negative) value -= 1n << BigInt(field.byteLength * 8 - 1)
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : undefined
}
