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
const FIELDS = 6

export function createLogReader(onCommit: (commit: LoggedCommit) => void): LogReader {
  let rest = ''
  let fields: string[] = []
  const take = (field: string): void => {
    if (field === '' && fields.length >= FIELDS) {
      onCommit(toCommit(fields))
      fields = ['']
    } else fields.push(field)
  }
  return {
    write(chunk) {
      const text = rest + latin1(chunk)
      const parts = text.split('\0')
      rest = parts.pop()!
      for (const part of parts) take(part)
    },
    end() {
      if (fields.length >= FIELDS) onCommit(toCommit(fields))
    },
  }
}

function toCommit(fields: readonly string[]): LoggedCommit {
  const [, commit = '', parents = '', created = '', message = '', , ...paths] = fields
  if (paths.length > 0) paths[0] = paths[0]!.slice(1)
  return {
    commit,
    parents: parents === '' ? [] : parents.split(' '),
    created: Number(created),
    message: utf8(message),
    paths: paths.map(utf8),
  }
}

// Splitting one-byte text is fast; only what is not ASCII is decoded.
function latin1(chunk: Uint8Array): string {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
}

function utf8(text: string): string {
  return /[\u0080-\u00ff]/.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text
}
