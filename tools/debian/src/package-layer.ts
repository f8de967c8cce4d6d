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
    const path = placeOf(entry, options.usrMerged)
    if (path === undefined || seen.has(path)) continue
    seen.add(path)
    latest = Math.max(latest, entry.mtime)
    yield toInput(entry, path, deb)
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
const MERGED = /^(?:bin|sbin|lib|lib32|lib64|libx32)(?:\/|$)/

// Undefined for what is left out. A real folder at /lib would replace the link that is there, and the loader would be gone.
function placeOf(entry: TarEntry, usrMerged: boolean): string | undefined {
  const path = entry.path.replace(/^\.?\/+/, '')
  if (path === '' || path === '.') return undefined
  if (DROPPED.test(path) || DOCUMENTATION.test(path)) return undefined
  if (!usrMerged || !MERGED.test(path)) return path
  if (path.includes('/')) return `usr/${path}`
  return entry.type === 'directory' ? undefined : path
}

function toInput(entry: TarEntry, path: string, deb: string): TarInput {
  const { type, mode, uid, gid, mtime, size, content } = entry
  const common = { path, mode, uid, gid, mtime }
  if (type === 'file') return { ...common, type, size, content }
  if (type === 'directory') return { ...common, type }
  const linkname = entry.linkname ?? ''
  if (type === 'symlink') return { ...common, type, linkname }
  if (type === 'hardlink') return { ...common, type, linkname: linkname.replace(/^\.?\/+/, '') }
  throw invalidDeb(deb, `${path} is a ${type}`)
}
