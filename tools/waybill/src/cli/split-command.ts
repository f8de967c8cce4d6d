// The options that may stand before the command's name and take a value.
const WITH_VALUE = new Set(['--cwd', '--config', '--timeout', '--jobs', '--out'])

/** Finds the command's name; options that stand before it are passed on behind it. */
export function splitCommand(argv: readonly string[]): {
  name: string | undefined
  rest: readonly string[]
} {
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index]!
    if (!word.startsWith('-'))
      return { name: word, rest: [...argv.slice(0, index), ...argv.slice(index + 1)] }
    if (WITH_VALUE.has(word)) index++
  }
  return { name: undefined, rest: argv }
}
