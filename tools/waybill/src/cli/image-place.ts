import { existsSync, statSync, type Stats } from 'node:fs'
import { join, resolve } from 'node:path'

/** An image on this machine: a folder with an OCI layout, or a docker archive. */
export interface ImagePlace {
  readonly kind: 'layout' | 'archive'
  /** Absolute, or `-` for standard input. */
  readonly path: string
  /** Which image, where several are there; '' is the only one. */
  readonly name: string
}

/** Finds what `PATH` or `PATH:NAME` means on this machine; undefined where nothing is there. A path that holds colons comes before one with a name. */
export function findPlace(reference: string, cwd: string): ImagePlace | undefined {
  const colons = [...reference.matchAll(/:/g)].map(({ index }) => index)
  const places = [reference.length, ...colons].map((at) => placeAt(reference, at, cwd))
  return places.find((place) => place !== undefined)
}

function placeAt(reference: string, at: number, cwd: string): ImagePlace | undefined {
  const [given, name] = [reference.slice(0, at), reference.slice(at + 1)]
  if (given === '-') return { kind: 'archive', path: given, name }
  if (given === '') return undefined
  const path = resolve(cwd, given)
  const found = look(path)
  if (found?.isDirectory() === true && isLayout(path, given, at === reference.length))
    return { kind: 'layout', path, name }
  return found !== undefined && !found.isDirectory() ? { kind: 'archive', path, name } : undefined
}

// A text that is too long for a path is none.
function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

// A folder that happens to be called as an image with a host or a tag must not hide it; one that was named as a folder says what it lacks.
const isLayout = (path: string, given: string, isWhole: boolean): boolean =>
  isPathLike(given) || existsSync(join(path, 'oci-layout')) || (isWhole && !HOST.test(given))

const HOST = /^(?:[^/]*[.:][^/]*|localhost)\//i

/** Whether a text can only be meant as a path: no reference looks like it. */
export function isPathLike(text: string): boolean {
  return /^(?:[/~]|\.{1,2}(?:\/|$))|\/$|\\/.test(text) || isArchiveName(text)
}

/** Whether a file is called as a tar archive is, compressed or not. */
export function isArchiveName(text: string): boolean {
  return /\.(?:tar|tar\.gz|tgz)$/i.test(text)
}
