type Ink = (text: string) => string

/** The few colours that are used, or none. */
export interface Paint {
  readonly bold: Ink
  readonly dim: Ink
  readonly red: Ink
  readonly green: Ink
  readonly yellow: Ink
}

const ESC = '\u001B['

/** Colours for a terminal, or the same functions leaving text as it is. */
export function paint(color: boolean): Paint {
  const ink = (on: number, off: number): Ink =>
    color ? (text) => `${ESC}${on}m${text}${ESC}${off}m` : (text) => text
  return {
    bold: ink(1, 22),
    dim: ink(2, 22),
    red: ink(31, 39),
    green: ink(32, 39),
    yellow: ink(33, 39),
  }
}
