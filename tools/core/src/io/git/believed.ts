/** One entry of git's configuration. */
export interface ConfigEntry {
  /** `system`, `global`, `local`, `worktree` or `command`. */
  readonly scope: string
  /** Section and key in lower case, the part between them as it was written: `remote.Origin.url`. */
  readonly name: string
  /** Undefined for a key without `=`, which means true. */
  readonly value: string | undefined
}

/** Reads what `git config --list --show-scope -z` writes. */
export function parseConfig(text: string): ConfigEntry[] {
  const fields = text.split('\0')
  return Array.from({ length: Math.floor(fields.length / 2) }, (_, at) => {
    const [scope, entry] = [fields[2 * at]!, fields[2 * at + 1]!]
    const end = entry.indexOf('\n')
    return end < 0
      ? { scope, name: entry, value: undefined }
      : { scope, name: entry.slice(0, end), value: entry.slice(end + 1) }
  })
}

/**
 * What is believed of a repository's own configuration, and of what it includes: what its files are, where its remotes are, and the header and
 * certificates that CI writes there to reach them. None of it names a program. Everything else is left out, what git does not know yet too.
 */
const BELIEVED: readonly RegExp[] = [
  /^core\.(?:repositoryformatversion|filemode|ignorecase|precomposeunicode|symlinks|autocrlf|eol|checkstat|trustctime|longpaths|bigfilethreshold|sparsecheckout|sparsecheckoutcone)$/,
  /^extensions\.(?:objectformat|compatobjectformat|refstorage|partialclone)$/,
  /^index\.sparse$/,
  /^remote\..+\.(?:url|pushurl|fetch|promisor|partialclonefilter)$/s,
  /^branch\..+\.(?:remote|merge)$/s,
  /^http\.(?:.+\.)?(?:extraheader|sslcainfo|sslcapath|version|postbuffer)$/s,
]

const OWN = new Set(['local', 'worktree'])

/** The text of a configuration file that holds what is believed of the repository's own. */
export function believedConfig(entries: readonly ConfigEntry[], isBare: boolean): string {
  const kept = entries.filter(
    ({ scope, name }) => OWN.has(scope) && BELIEVED.some((pattern) => pattern.test(name)),
  )
  return [...kept.map(line), `[core]\n\tbare = ${isBare}\n`].join('')
}

function line({ name, value }: ConfigEntry): string {
  const [first, last] = [name.indexOf('.'), name.lastIndexOf('.')]
  const middle = first === last ? '' : ` ${quoted(name.slice(first + 1, last))}`
  const key = name.slice(last + 1)
  return `[${name.slice(0, first)}${middle}]\n\t${value === undefined ? key : `${key} = ${quoted(value)}`}\n`
}

// git-config(1), "Syntax": inside of quotes only these need a backslash.
const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n' }
const quoted = (text: string): string => `"${text.replaceAll(/["\\\n]/g, (one) => ESCAPES[one]!)}"`

const FILTER = /^filter\.(.+)\.[^.]+$/s

/** The names of the filters that are configured anywhere. */
export function filterNames(entries: readonly ConfigEntry[]): readonly string[] {
  return [...new Set(entries.flatMap(({ name }) => FILTER.exec(name)?.[1] ?? []))]
}
