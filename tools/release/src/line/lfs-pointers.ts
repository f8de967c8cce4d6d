import type { Digest, Git } from '@waybill/core'

/** What a commit holds in place of a large file. */
export interface LfsPointer {
  readonly digest: Digest
  /** In bytes. */
  readonly size: number
  readonly isProgram: boolean
}

// git-lfs, docs/spec.md: a pointer is shorter than 1024 bytes, its keys are sorted, `version` is the first.
const POINTER =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid sha256:([0-9a-f]{64})\nsize (\d{1,15})\n$/
const LONGEST = 1024

/** Finds out which of these paths HEAD holds as pointers of Git LFS. */
export async function readPointers(
  git: Git,
  paths: readonly string[],
): Promise<ReadonlyMap<string, LfsPointer>> {
  if (paths.length === 0) return new Map()
  const entries = await smallFiles(git, new Set(paths))
  const texts = await readBlobs(
    git,
    entries.map(({ blob }) => blob),
  )
  const found = entries.flatMap(({ path, mode }, at) => {
    const [, oid, size] = POINTER.exec(texts[at]!) ?? []
    if (oid === undefined) return []
    const digest: Digest = `sha256:${oid}`
    return [[path, { digest, size: Number(size), isProgram: mode === '100755' }] as const]
  })
  return new Map(found)
}

interface Entry {
  readonly path: string
  readonly mode: string
  readonly blob: string
}

async function smallFiles(git: Git, wanted: ReadonlySet<string>): Promise<readonly Entry[]> {
  const tree = await git.text(['ls-tree', '-r', '-l', '-z', '--full-tree', 'HEAD'])
  return tree.split('\0').flatMap((line) => {
    const end = line.indexOf('\t')
    const path = line.slice(end + 1)
    const [mode = '', type, blob = '', size] = line.slice(0, end).split(/ +/)
    if (!wanted.has(path) || type !== 'blob' || mode === '120000') return []
    return Number(size) < LONGEST ? [{ path, mode, blob }] : []
  })
}

// Each answer is `<name> blob <size>`, a line feed, the bytes, a line feed.
async function readBlobs(git: Git, blobs: readonly string[]): Promise<readonly string[]> {
  const input = blobs.map((blob) => `${blob}\n`).join('')
  const { stdout } = await git.run(['cat-file', '--batch'], { input })
  const bytes = Buffer.from(stdout)
  let at = 0
  return blobs.map(() => {
    const start = bytes.indexOf(10, at) + 1
    const size = Number(bytes.toString('latin1', at, start).trim().split(' ')[2])
    at = start + size + 1
    return bytes.toString('latin1', start, start + size)
  })
}
