import { WaybillError, createContext, type ContextOptions } from '@waybill/core'
import { changedFiles } from './changed-files.ts'

const sentence = (changed: readonly string[]): string =>
  `${changed.length} tracked files differ from the commit: ${changed.slice(0, 5).join(', ')}${changed.length > 5 ? ', …' : ''}`

/**
 * Checks that the tracked files are those of the commit that is released.
 * @throws {ERR_NOT_CLEAN} naming the first of them.
 */
export async function assertClean(options: ContextOptions = {}): Promise<void> {
  const changed = await changedFiles(options)
  if (changed.length === 0) return
  throw new WaybillError('ERR_NOT_CLEAN', sentence(changed), {
    hint: 'Commit or undo the changes: what is released is what the commit holds.',
    details: { changed },
  })
}

/** Says so where what is built is not what the commit holds; a build or a rehearsal goes on all the same, a release does not. */
export async function warnUnlessClean(options: ContextOptions = {}): Promise<void> {
  const changed = await changedFiles(options)
  if (changed.length === 0) return
  createContext(options).logger.warn(
    `${sentence(changed)}; what is built is not what the commit holds, and \`waybill release\` would refuse it`,
  )
}
