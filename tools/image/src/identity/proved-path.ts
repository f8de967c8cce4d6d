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
  let reason: string | undefined
  for (const word of words) {
    const found: Looked = word.startsWith('/') ? { path: word } : await lookUp(contents, word)
    if (found.path !== undefined && !isAccepted(found.path)) return found.path
    reason = found.reason
    if (found.path === undefined && !word.startsWith('-')) break
  }
  const [first] = words
  const found =
    first === undefined ? 'is empty' : `${JSON.stringify(words)} leads to no program of the image`
  const why = reason === undefined ? '' : `: ${reason}`
  throw new WaybillError(
    'ERR_NO_PATH',
    `${formatPlatform(platform)} ${descriptor.digest}: the entrypoint ${found}${why}, so where the binary is must be said`,
    { hint: 'Pass its path (--path).', outcome: 'usage' },
  )
}

interface Looked {
  readonly path?: string | undefined
  readonly reason?: string
}

async function lookUp(contents: ImageContents, word: string): Promise<Looked> {
  if (word === '' || word.startsWith('-')) return {}
  const { config } = contents.seen.image.config
  if (!word.includes('/')) return lookFor(word, await contents.tree(), config)
  return { path: findProgram(await contents.tree(), word, config)?.path }
}
