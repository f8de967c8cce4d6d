const range = (from: number, to: number): number[] =>
  [...Array(to - from + 1).keys()].map((at) => from + at)

// From Unicode's DerivedCoreProperties.txt (Default_Ignorable_Code_Point) and PropList.txt (Bidi_Control), written out: the code asks the engine.
const RANGES: readonly (readonly [from: number, to: number])[] = [
  [0, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xd800, 0xdfff],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0x13430, 0x1343f],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
]

const classOf = (ranges: typeof RANGES): string =>
  ranges.map(([from, to]) => `\\u{${from.toString(16)}}-\\u{${to.toString(16)}}`).join('')

/** Whatever a terminal, a browser or a log obeys instead of showing, line ends and tabs among it. */
export const OBEYED = new RegExp(`[${classOf(RANGES)}]`, 'u')

/** Each of those characters; of the longest ranges the ends and a few between. */
export const HOSTILE: readonly string[] = RANGES.flatMap(([from, to]) =>
  to - from < 64 ? range(from, to) : [from, from + 1, from + 0x41, from + 0x100, to],
).map((code) => String.fromCodePoint(code))
