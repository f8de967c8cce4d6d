type Value = string | boolean | readonly string[] | undefined

/** Options of a command from values: nothing for what is not given, one word a value, so that none is taken for an option. */
export function optionWords(options: Readonly<Record<string, Value>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === false) return []
    if (value === true) return [`--${name}`]
    return [value].flat().map((one) => `--${name}=${one}`)
  })
}
