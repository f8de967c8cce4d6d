import type { TarEntry, TarInput } from '@waybill/archive'
import { invalidDeb } from './ar.ts'
import { readControl, readDeb } from './deb.ts'

export interface PackageLayerOptions {
  readonly name: string
  /** Whether /lib and its like are links into /usr. */
  readonly usrMerged: boolean
}

/**
 * The files of a package as they go into its layer, in the package's own order: owners, modes and times as packed; documentation other than
 * the licence left out; at the end what dpkg knows of it, below var/lib/dpkg/status.d, where scanners look for it.
 */
export async function* packageEntries(
  deb: string,
  options: PackageLayerOptions,
): AsyncGenerator<TarInput, void, undefined> {
  const seen = new Set<string>()
  let latest = 0
  for await (const entry of readDeb(deb, 'data')) {
    const path = placeOf(entry.path, options.usrMerged)
    const aim = entry.type === 'hardlink' ? placeOf(entry.linkname ?? '', options.usrMerged) : ''
    // A hardlink to what was left out goes with it.
    if (path === undefined || aim === undefined || seen.has(path)) continue
    if (options.usrMerged && entry.type === 'directory' && isMerged(path)) continue
    seen.add(path)
    latest = Math.max(latest, entry.mtime)
    yield toInput(entry, { path, aim, deb })
  }
  // Docker refuses a layer that names a path twice.
  for await (const entry of statusEntries(deb, options.name, latest))
    if (!seen.has(entry.path)) yield entry
}

/** What dpkg knows of a package, the way distroless keeps it: one file a package, so that a layer stands alone. */
export async function* statusEntries(
  deb: string,
  name: string,
  mtime: number,
): AsyncGenerator<TarInput, void, undefined> {
  const { control, md5sums } = await readControl(deb)
  const folder = 'var/lib/dpkg/status.d'
  const parents = ['var', 'var/lib', 'var/lib/dpkg', folder]
  yield* parents.map((path): TarInput => ({ path, type: 'directory', mtime }))
  yield { path: `${folder}/${name}`, type: 'file', mtime, content: control }
  yield { path: `${folder}/${name}.md5sums`, type: 'file', mtime, content: md5sums }
}

const DROPPED = /^usr\/share\/(?:bug|info|lintian|locale|man)(?:\/|$)/
const DOCUMENTATION = /^usr\/share\/doc\/[^/]+\/(?!copyright$)/
const MERGED = /^(?:bin|sbin|lib|lib32|lib64|libx32)(?=\/|$)/

const isMerged = (path: string): boolean => MERGED.exec(path)?.[0] === path

// Undefined for what is left out. A real folder at /lib would replace the link that is there, and the loader would be gone.
function placeOf(packed: string, usrMerged: boolean): string | undefined {
  const path = packed.replace(/^\.?\/+/, '')
  if (path === '' || path === '.') return undefined
  if (DROPPED.test(path) || DOCUMENTATION.test(path)) return undefined
  return usrMerged && !isMerged(path) && MERGED.test(path) ? `usr/${path}` : path
}

interface Place {
  readonly path: string
  /** What a hardlink points at. */
  readonly aim: string
  readonly deb: string
}

function toInput(entry: TarEntry, { path, aim, deb }: Place): TarInput {
  const { type, mode, uid, gid, mtime, size, content } = entry
  const common = { path, mode, uid, gid, mtime }
  if (type === 'file') return { ...common, type, size, content }
  if (type === 'directory') return { ...common, type }
  if (type === 'symlink') return { ...common, type, linkname: entry.linkname ?? '' }
  if (type === 'hardlink') return { ...common, type, linkname: aim }
  throw invalidDeb(deb, `${path} is a ${type}`)
}
