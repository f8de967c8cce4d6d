import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, open, readdir, rename, rm, symlink, utimes } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import {
  WaybillError,
  asFileError,
  createContext,
  createReport,
  inStep,
  type ContextOptions,
  type Finding,
  type Report,
} from '@waybill/core'
import type { TarEntry } from '@waybill/archive'
import { readTree } from '../tree/read-tree.ts'
import { fileOf, listTree, type TreeNode } from '../tree/tree-node.ts'
import type { Image } from '../image-types.ts'

type Files = ReadonlyMap<string, TreeNode>

/**
 * Writes the files of an image into a new folder, whole or not at all. No root is needed: owners and set-id bits are left out, devices are
 * passed over with a note. Nothing is ever written through a link of the image, so nothing lands outside of the folder.
 * @throws {ERR_NOT_EMPTY} {ERR_DIGEST_MISMATCH} {ERR_INVALID_LAYER} {ERR_DISK_FULL} {ERR_NOT_WRITABLE}
 */
export async function extract(
  image: Pick<Image, 'layers'>,
  folder: string,
  options: ContextOptions = {},
): Promise<Report<string>> {
  const { cwd, progress } = createContext(options)
  const place = resolve(cwd, folder)
  await assertEmpty(place)
  const temporary = `${place}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  return inStep(progress, `extract to ${folder}`, async () => {
    try {
      const files = listTree(await readTree(image.layers))
      const findings = await write(image, files, temporary)
      await rm(place, { recursive: true, force: true })
      await rename(temporary, place)
      return createReport([...files.keys()], findings)
    } catch (error) {
      await remove(temporary)
      throw asFileError(error, place)
    }
  })
}

async function assertEmpty(place: string): Promise<void> {
  const names = await readdir(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (names.length === 0) return
  throw new WaybillError('ERR_NOT_EMPTY', `${place} is not empty`, {
    hint: 'Name a folder that does not exist yet.',
    outcome: 'usage',
  })
}

// Folders may have been closed to us by then.
async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => {})
}

// Links come last, so that no write can pass through one.
async function write(
  image: Pick<Image, 'layers'>,
  files: Files,
  root: string,
): Promise<readonly Finding[]> {
  await mkdir(root, { recursive: true })
  const folders = [...files].filter(([, { type }]) => type === 'directory')
  for (const [path] of folders) await mkdir(join(root, path), { recursive: true, mode: 0o700 })
  await writeFiles(image, files, root)
  for (const [path, { type, header }] of files)
    if (type === 'symlink') await symlink(header?.linkname ?? '', join(root, path))
  for (const [path, { header }] of folders.toReversed())
    await chmod(join(root, path), (header?.mode ?? 0o755) & 0o1777)
  return [...files].flatMap(([path, node]) => passedOver(path, node))
}

async function writeFiles(image: Pick<Image, 'layers'>, files: Files, root: string): Promise<void> {
  const paths = pathsByFile(files)
  for (const [index, layer] of image.layers.entries()) {
    const wanted = new Map(
      [...paths].filter(([{ layer }]) => layer === index).map(([{ entry }, all]) => [entry, all]),
    )
    if (wanted.size === 0) continue
    let place = 0
    for await (const entry of layer.entries()) {
      const [first, ...others] = wanted.get(place++) ?? []
      if (first === undefined) continue
      await writeMember(join(root, first), entry)
      for (const other of others) await link(join(root, first), join(root, other))
    }
  }
}

/** The paths of every file, several where there are hard links. */
function pathsByFile(files: Files): ReadonlyMap<TreeNode, readonly string[]> {
  const paths = new Map<TreeNode, string[]>()
  for (const [path, node] of files) {
    const file = fileOf(node)
    if (file.type === 'file') paths.set(file, [...(paths.get(file) ?? []), path])
  }
  return paths
}

async function writeMember(path: string, { content, mode, mtime }: TarEntry): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of content) await file.writeFile(chunk)
    await file.chmod(mode & 0o777)
  } finally {
    await file.close()
  }
  await utimes(path, mtime, mtime)
}

function passedOver(path: string, node: TreeNode): readonly Finding[] {
  const { type } = fileOf(node)
  if (type === 'file' || type === 'directory' || type === 'symlink') return []
  const message = `${path} is a ${type}, which takes root to make`
  return [{ code: 'not-extracted', level: 'note', message, where: { path } }]
}
