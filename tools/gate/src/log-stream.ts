/** One commit as git writes it. `paths` are relative to the repository's root; a merge's are those that differ from its first parent. */
export interface LoggedCommit {
  readonly commit: string
  readonly parents: readonly string[]
  readonly created: number
  readonly message: string
  readonly paths: readonly string[]
}

/** The arguments of `git log` that make the output this module reads. */
export const LOG_ARGUMENTS: readonly string[] = [
  'log',
  '-z',
  '--name-only',
  '--no-renames',
  '--diff-merges=first-parent',
  '--no-ext-diff',
  '--no-color',
  '--no-notes',
  '--encoding=UTF-8',
  // The leading NUL makes an empty field, which no path can be: it tells where a commit begins.
  '--format=tformat:%x00%H%x00%P%x00%ct%x00%B%x00',
]

/** Takes the output of `git log` in chunks of any size and hands out commits as they are complete. */
export interface LogReader {
  write(chunk: Uint8Array): void
  end(): void
}

// A commit is: "", hash, parents, time, message, "", then paths (the first after a line feed) until the next "".
const HASH = 1
const PARENTS = 2
const TIME = 3
const MESSAGE = 4
const PATHS = 6

export function createLogReader(onCommit: (commit: LoggedCommit) => void): LogReader {
  let rest = ''
  let fields: string[] = []
  const take = (field: string): void => {
    if (field === '' && fields.length >= PATHS) {
      onCommit(toCommit(fields))
      fields = ['']
    } else fields.push(field)
  }
  return {
    write(chunk) {
      // Splitting one-byte text is fast; only what is not ASCII is decoded afterwards.
      const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
      const parts = (rest === '' ? text : rest + text).split('\0')
      rest = parts.pop()!
      for (const part of parts) take(part)
    },
    end() {
      if (fields.length >= PATHS) onCommit(toCommit(fields))
    },
  }
}

const NONE: readonly string[] = []

function toCommit(fields: readonly string[]): LoggedCommit {
  const parents = fields[PARENTS]!
  const paths = fields.length === PATHS ? NONE : fields.slice(PATHS).map(utf8)
  if (paths !== NONE) (paths as string[])[0] = paths[0]!.slice(1)
  return {
    commit: fields[HASH]!,
    parents: parents === '' ? NONE : parents.split(' '),
    created: Number(fields[TIME]),
    message: utf8(fields[MESSAGE]!),
    paths,
  }
}

function utf8(text: string): string {
  return /[\u0080-\u00ff]/.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text
}
