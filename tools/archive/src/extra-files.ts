import { readdir, stat } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import {
  WaybillError,
  compareText,
  insideRepository,
  notAFile,
  streamInside,
  type ByteStream,
} from '@waybill/core'
import type { TarInput } from './tar/entry.ts'

/** A file or folder to put into every archive, by its path, or under another name. */
export type ExtraFile = string | { readonly from: string; readonly to: string }

/** Where extra files are looked for. */
export interface ExtraRoots {
  /** The repository: no file comes from outside of it, whatever a link says. */
  readonly repository: string
  /** Folders in it; a file is taken from the first that has it. */
  readonly roots: readonly string[]
}

/**
 * Finds extra files below the first of `roots` that has them; folders come with everything in them but git's own data, links with what they point at.
 * @throws {ERR_FILE_MISSING} {ERR_OUTSIDE_REPOSITORY} {ERR_NOT_A_FILE}
 */
export async function findExtraFiles(
  files: readonly ExtraFile[],
  where: ExtraRoots,
): Promise<TarInput[]> {
  const found = await Promise.all(
    files.map(async (file) => {
      const { from, to } = typeof file === 'string' ? { from: file, to: basename(file) } : file
      const path = await locate(from, where)
      return collectFile({ repository: where.repository, path, above: [] }, to)
    }),
  )
  return found.flat()
}

// Resolves to the path from the repository's root.
async function locate(from: string, { repository, roots }: ExtraRoots): Promise<string> {
  for (const root of roots) {
    const path = relative(repository, join(root, from))
    const real = await insideRepository(repository, path)
    if ((await stat(real).catch(() => undefined)) !== undefined) return path
  }
  throw new WaybillError('ERR_FILE_MISSING', `No file ${from} for the archive`, {
    hint: `Looked in ${roots.join(' and ')}; write the file or take it off the list.`,
    outcome: 'usage',
    details: { file: from, roots },
  })
}

interface Found {
  readonly repository: string
  /** From the repository's root. */
  readonly path: string
  /** Where the folders around it really lie: a link to one of them has no end. */
  readonly above: readonly string[]
}

async function collectFile({ repository, path, above }: Found, to: string): Promise<TarInput[]> {
  const real = await insideRepository(repository, path)
  const facts = await stat(real)
  if (facts.isFile()) {
    // Of the permissions only what git keeps: the umask of a checkout must not show.
    const mode = (facts.mode & 0o100) === 0 ? 0o644 : 0o755
    const content = (): ByteStream => streamInside(insideRepository, repository, path)
    return [{ path: to, type: 'file', mode, size: facts.size, content }]
  }
  if (!facts.isDirectory()) throw notAFile(path, facts)
  if (above.includes(real)) throw endless(path)
  const names = (await readdir(real)).filter((name) => name !== '.git').toSorted(compareText)
  const inside = await Promise.all(
    names.map((name) =>
      collectFile({ repository, path: join(path, name), above: [...above, real] }, `${to}/${name}`),
    ),
  )
  return [{ path: to, type: 'directory' }, ...inside.flat()]
}

const endless = (path: string): WaybillError =>
  new WaybillError('ERR_NOT_A_FILE', `${path} is a link to a folder that it lies in`, {
    hint: 'Remove the link, or name the files one by one.',
    outcome: 'usage',
    details: { path },
  })
