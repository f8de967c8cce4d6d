/** Writes a number as octal digits with a NUL at the end; undefined where it does not fit the field. */
export function formatOctal(value: number, length: number): string | undefined {
  if (!Number.isSafeInteger(value) || value < 0) return undefined
  const digits = value.toString(8)
  return digits.length < length ? `${digits.padStart(length - 1, '0')}\0` : undefined
}

/** Reads a numeric field: octal digits between blanks or NULs, or GNU's base-256; undefined where it is neither. */
export function parseNumber(field: Uint8Array): number | undefined {
  return (field[0]! & 0x80) === 0 ? parseOctal(field) : parseBase256(field)
}

function parseOctal(field: Uint8Array): number | undefined {
  const text = Buffer.from(field).toString('latin1')
  const match = /^[ \0]*([0-7]*)[ \0]*$/.exec(text)
  return match === null ? undefined : Number.parseInt(`0${match[1]}`, 8)
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
