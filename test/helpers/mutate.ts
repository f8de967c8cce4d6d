/** A reproducible source of numbers: `next(limit)` gives 0 to limit - 1. Mulberry32. */
export function createRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

const INTERESTING = [0, 1, 0x7f, 0x80, 0xff, 0x20, 0x2f, 0x30, 0x37, 0x39]

/** Changes bytes the way damage and malice do: flipped bits, overwritten fields, cuts, repeats, pieces of others. Equal seeds change equally. */
export function mutate(
  bytes: Buffer,
  others: readonly Buffer[],
  random: (limit: number) => number,
): Buffer {
  let changed: Buffer = Buffer.from(bytes)
  for (let rounds = 1 + random(4); rounds > 0 && changed.byteLength > 0; rounds--)
    changed = once(changed, others, random)
  return changed
}

function once(bytes: Buffer, others: readonly Buffer[], random: (limit: number) => number): Buffer {
  const at = random(bytes.byteLength)
  const kind = random(8)
  if (kind <= 1) bytes[at]! ^= 1 << random(8)
  if (kind === 2) bytes[at] = INTERESTING[random(INTERESTING.length)]!
  if (kind === 3)
    bytes.fill(
      INTERESTING[random(INTERESTING.length)]!,
      at,
      Math.min(bytes.byteLength, at + 1 + random(16)),
    )
  if (kind === 4) return bytes.subarray(0, at)
  if (kind === 5) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random(at + 1))])
  if (kind === 6) {
    const other = others[random(others.length)]!
    return Buffer.concat([bytes.subarray(0, at), other.subarray(random(other.byteLength))])
  }
  if (kind === 7) {
    const field = Buffer.from(
      ['\x80\xff\xff\xff', '77777777', '00000000', '\xff\xff\xff\xff'][random(4)]!,
      'latin1',
    )
    field.copy(bytes, at)
  }
  return bytes
}
