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

/** How much is read at once. A text of this size is not moved any more, and the fields are views of it. */
const SLAB = 1 << 18

export function createLogReader(onCommit: (commit: LoggedCommit) => void): LogReader {
  let rest = ''
  let chunks: Uint8Array[] = []
  let size = 0
  const readSlab = (isLast: boolean): void => {
    // Splitting one-byte text is fast; only what is not ASCII is decoded afterwards.
    const text = Buffer.concat(chunks, size).toString('latin1')
    rest = readFields(rest === '' ? text : rest + text, isLast, onCommit)
    chunks = []
    size = 0
  }
  return {
    write(chunk) {
      chunks.push(chunk)
      size += chunk.length
      // A commit larger than that is not split again and again.
      if (size >= SLAB + rest.length) readSlab(false)
    },
    end: () => readSlab(true),
  }
}

/** Hands out the commits that are complete and returns the rest. */
function readFields(
  text: string,
  isLast: boolean,
  onCommit: (commit: LoggedCommit) => void,
): string {
  const raw = text.split('\0')
  const fields = NOT_ASCII.test(text) ? raw.map(utf8) : raw
  // What follows the last NUL may go on in the next slab.
  const limit = isLast ? fields.length : fields.length - 1
  for (let start = 0; ;) {
    let end = start + PATHS
    while (end < limit && fields[end] !== '') end++
    if (end >= limit) return raw.slice(start).join('\0')
    onCommit(toCommit(fields, start, end))
    start = end
  }
}

const NONE: readonly string[] = []

function toCommit(fields: readonly string[], start: number, end: number): LoggedCommit {
  const parents = fields[start + PARENTS]!
  return {
    commit: fields[start + HASH]!,
    parents: parents.includes(' ') ? parents.split(' ') : parents === '' ? NONE : [parents],
    created: Number(fields[start + TIME]),
    message: fields[start + MESSAGE]!,
    paths: pathsOf(fields, start + PATHS, end),
  }
}

function pathsOf(fields: readonly string[], start: number, end: number): readonly string[] {
  if (start === end) return NONE
  const paths = fields.slice(start, end)
  paths[0] = paths[0]!.slice(1)
  return paths
}

const NOT_ASCII = /[\u0080-\u00ff]/

function utf8(text: string): string {
  return NOT_ASCII.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text
}
