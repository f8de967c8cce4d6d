import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { WaybillError, compareText, type ByteStream } from '@waybill/core'
import type { TarInput } from './tar/entry.ts'

/** A file or folder to put into every archive, by its path, or under another name. */
export type ExtraFile = string | { readonly from: string; readonly to: string }

/** Finds extra files below the first of `roots` that has them; folders come with everything in them, links with what they point at. */
export async function findExtraFiles(
  files: readonly ExtraFile[],
  roots: readonly string[],
): Promise<TarInput[]> {
  const found = await Promise.all(
    files.map(async (file) => {
      const { from, to } = typeof file === 'string' ? { from: file, to: basename(file) } : file
      return collectFile(await locate(from, roots), to)
    }),
  )
  return found.flat()
}

async function locate(from: string, roots: readonly string[]): Promise<string> {
  for (const root of roots) {
    const path = join(root, from)
    if ((await stat(path).catch(() => undefined)) !== undefined) return path
  }
  throw new WaybillError('ERR_FILE_MISSING', `No file ${from} for the archive`, {
    hint: `Looked in ${roots.join(' and ')}; write the file or take it off the list.`,
    outcome: 'usage',
    details: { file: from, roots },
  })
}

async function collectFile(path: string, to: string): Promise<TarInput[]> {
  const facts = await stat(path)
  if (!facts.isDirectory()) {
    // Of the permissions only what git keeps: the umask of a checkout must not show.
    const mode = (facts.mode & 0o100) === 0 ? 0o644 : 0o755
    const content = (): ByteStream => createReadStream(path) as AsyncIterable<Uint8Array>
    return [{ path: to, type: 'file', mode, size: facts.size, content }]
  }
  const names = (await readdir(path)).toSorted(compareText)
  const inside = await Promise.all(
    names.map((name) => collectFile(join(path, name), `${to}/${name}`)),
  )
  return [{ path: to, type: 'directory' }, ...inside.flat()]
}
