import { WaybillError, createContext, type ContextOptions } from '@waybill/core'

/** The tracked files that differ from the commit that is released. */
async function changedFiles(options: ContextOptions): Promise<string[]> {
  const { cwd, exec, signal } = createContext(options)
  // Looking must not write: status would refresh the index.
  const args = ['--no-optional-locks', 'status', '--porcelain', '--untracked-files=no', '-z']
  const { stdout } = await exec('git', args, { cwd, signal })
  const lines = Buffer.from(stdout).toString('utf8').split('\0')
  return lines.filter((line) => line !== '').map((line) => line.slice(3))
}

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
