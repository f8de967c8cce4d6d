import { lstat, readlink, realpath } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { WaybillError } from '../../values/error.ts'
import { asFileError } from './files.ts'
import { isBelow } from './find-program.ts'

/**
 * Where a path below a folder really leads: links are followed, never out of the folder. What is not there yet is named by where it would be.
 * @throws {ERR_OUTSIDE_REPOSITORY} naming the link and its target, {ERR_FILE_MISSING} for a link to nothing, {ERR_NOT_A_FILE} for links that lead in a circle.
 */
export async function insideFolder(folder: string, path: string): Promise<string> {
  const place = resolve(folder, path)
  if (!isBelow(folder, place)) throw outside({ folder, path }, `${path} leads out of ${folder}`)
  const [boundary, real] = [await wouldBe(folder), await realPlace({ folder, path }, place)]
  if (isBelow(boundary, real)) return real
  throw await ledOutside({ folder, path }, place, boundary)
}

/**
 * Where a path in a repository really leads: as `insideFolder`, and never into `.git`, which holds credentials.
 * Whatever a definition, a call or a record names in a repository is read and written through this.
 * @throws what `insideFolder` throws.
 */
export async function insideRepository(root: string, path: string): Promise<string> {
  const real = await insideFolder(root, path)
  const steps = relative(await wouldBe(root), real).split(sep)
  if (!steps.some(isGitFolder)) return real
  throw outside(
    { folder: root, path },
    `${path} leads into git's own folder, which is not part of the repository's files`,
  )
}

/**
 * The place a call names: in the repository it leads inside, as `insideRepository` says; elsewhere it is the caller's own choice.
 * `path` is absolute, or relative to `root`.
 */
export async function namedPlace(root: string, path: string): Promise<string> {
  const place = resolve(root, path)
  return isBelow(root, place) ? insideRepository(root, place) : place
}

// Also as file systems spell it that do not tell letters of both cases apart, or drop what is at the end.
const isGitFolder = (step: string): boolean =>
  /^(?:\.git|git~\d+)[. ]*$/i.test(step.normalize('NFKC').replaceAll(IGNORED, ''))
// HFS+ passes these over in a name (git's own utf8.c, next_hfs_char).
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g

interface Asked {
  readonly folder: string
  readonly path: string
}

async function realPlace(asked: Asked, place: string): Promise<string> {
  try {
    return await realpath(place)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ELOOP') throw circle(asked)
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw asFileError(error, asked.path)
    await refuseLinkToNothing(asked, place)
    return wouldBe(place)
  }
}

// What is not there is below the nearest folder above it that is.
async function wouldBe(place: string): Promise<string> {
  const real = await realpath(place).catch(() => undefined)
  if (real !== undefined || dirname(place) === place) return real ?? place
  return join(await wouldBe(dirname(place)), place.slice(dirname(place).length).replace(sep, ''))
}

/** The parts of a path that lie below the folder, the outermost first. */
function partsOf({ folder }: Asked, place: string): string[] {
  const steps = relative(folder, place).split(sep)
  return steps.map((_step, at) => join(folder, ...steps.slice(0, at + 1)))
}

async function refuseLinkToNothing(asked: Asked, place: string): Promise<void> {
  const boundary = await wouldBe(asked.folder)
  for (const part of partsOf(asked, place)) {
    const target = await readlink(part).catch(() => undefined)
    if (target === undefined || (await realpath(part).catch(() => undefined)) !== undefined)
      continue
    const would = resolve(await wouldBe(dirname(part)), target)
    if (!isBelow(boundary, would)) throw outsideByLink(asked, part, target)
    throw new WaybillError(
      'ERR_FILE_MISSING',
      `${asked.path}: ${shown(asked, part)} is a link to ${target}, which does not exist`,
      {
        outcome: 'usage',
        hint: 'Commit the file that the link names, or the file itself in its place.',
        details: { path: asked.path, link: part, target },
      },
    )
  }
}

async function ledOutside(asked: Asked, place: string, boundary: string): Promise<WaybillError> {
  for (const part of partsOf(asked, place)) {
    const isLink = (await lstat(part).catch(() => undefined))?.isSymbolicLink() === true
    if (isLink && !isBelow(boundary, await realpath(part)))
      return outsideByLink(asked, part, await readlink(part))
  }
  return outside(asked, `${asked.path} leads out of ${asked.folder}`)
}

const shown = ({ folder }: Asked, part: string): string =>
  relative(folder, part).replaceAll(sep, '/')

const outsideByLink = (asked: Asked, part: string, target: string): WaybillError =>
  outside(
    asked,
    `${asked.path} leads out of ${asked.folder}: ${shown(asked, part)} is a link to ${target}`,
    { link: part, target },
  )

function outside(
  { folder, path }: Asked,
  message: string,
  details: Readonly<Record<string, string>> = {},
): WaybillError {
  return new WaybillError('ERR_OUTSIDE_REPOSITORY', message, {
    hint: 'Name a file or folder of the repository itself, or put the file where the link is. Only the call itself may name a place elsewhere, for example --out /elsewhere.',
    outcome: 'usage',
    details: { path, folder, ...details },
  })
}

function circle({ path }: Asked): WaybillError {
  return new WaybillError(
    'ERR_NOT_A_FILE',
    `${path}: expected a file, found links that lead in a circle`,
    {
      outcome: 'usage',
      hint: 'Replace the link by the file it was made for.',
      details: { path },
    },
  )
}
