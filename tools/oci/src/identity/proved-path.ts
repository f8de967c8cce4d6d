import { WaybillError, formatPlatform } from '@waybill/core'
import { findProgram, startWords } from '../runs/command.ts'
import type { ImageContents } from '../runs/image-contents.ts'
import type { AcceptedProgram } from '../runs/through.ts'
import { lookFor } from './entrypoint-path.ts'

/**
 * The path of the file that an image starts: the first word of its call, or the first after programs that were accepted. A word that is not a
 * path is looked up as a container does: in the image's PATH, or from its working folder.
 * @throws {ERR_NO_PATH}
 */
export async function provedPath(
  contents: ImageContents,
  accepted: readonly AcceptedProgram[] = [],
): Promise<string> {
  const { config, platform, descriptor } = contents.seen.image
  const words = startWords(config.config)
  const isAccepted = (path: string): boolean => accepted.some((one) => one.path === path)
  for (const word of words) {
    const path = word.startsWith('/') ? word : await lookUp(contents, word)
    if (path !== undefined && !isAccepted(path)) return path
    if (path === undefined && !word.startsWith('-')) break
  }
  const [first] = words
  const found =
    first === undefined ? 'is empty' : `${JSON.stringify(words)} leads to no program of the image`
  throw new WaybillError(
    'ERR_NO_PATH',
    `${formatPlatform(platform)} ${descriptor.digest}: the entrypoint ${found}, so where the binary is must be said`,
    { hint: 'Pass its path (--path).', outcome: 'usage' },
  )
}

async function lookUp(contents: ImageContents, word: string): Promise<string | undefined> {
  if (word === '' || word.startsWith('-')) return undefined
  const { config } = contents.seen.image.config
  if (!word.includes('/')) return lookFor(word, await contents.tree(), config).path
  return findProgram(await contents.tree(), word, config)?.path
}
