/** Bytes for people: `812 B`, `3.4 kB`, `12.1 MB` (powers of ten). */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = count
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** Milliseconds as seconds: `0.8 s`, `12 s`. */
export function seconds(milliseconds: number): string {
  const value = milliseconds / 1000
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} s`
}

/** The beginning of a digest or commit, enough to tell two apart by eye. */
export function short(digest: string): string {
  const [algorithm, hex] = digest.split(':')
  if (hex === undefined) return digest.slice(0, 7)
  return algorithm === 'release' ? digest : `${algorithm}:${hex.slice(0, 12)}`
}
