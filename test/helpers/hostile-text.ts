/** Whatever a terminal, a browser or a log obeys instead of showing, line ends and tabs among it. */
export const OBEYED =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]|\p{Surrogate}/u

const range = (from: number, to: number): number[] =>
  [...Array(to - from + 1).keys()].map((at) => from + at)

/** Each of those characters. */
export const HOSTILE: readonly string[] = [
  ...range(0, 0x1f),
  ...range(0x7f, 0x9f),
  0xad,
  0x61c,
  0x180e,
  0x200b,
  0x200e,
  0x200f,
  ...range(0x2028, 0x202e),
  ...range(0x2060, 0x206f),
  0xfeff,
  ...range(0xfff9, 0xfffb),
  0xe0001,
  0xe0041,
  0xe007f,
  0xd800,
  0xdfff,
].map((code) => String.fromCodePoint(code))
