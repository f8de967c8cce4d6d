import { WaybillError, createContext, type ContextOptions } from '@waybill/core'

/**
 * Checks that the tracked files are those of the commit that is released.
 * @throws {ERR_NOT_CLEAN} naming the first of them.
 */
export async function assertClean(options: ContextOptions = {}): Promise<void> {
  const { cwd, exec, signal } = createContext(options)
  const { stdout } = await exec('git', ['status', '--porcelain', '--untracked-files=no', '-z'], {
    cwd,
    signal,
  })
  const changed = Buffer.from(stdout)
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '')
  if (changed.length === 0) return
  const shown = changed
    .slice(0, 5)
    .map((line) => line.slice(3))
    .join(', ')
  throw new WaybillError(
    'ERR_NOT_CLEAN',
    `${changed.length} tracked files differ from the commit to release: ${shown}${changed.length > 5 ? ', …' : ''}`,
    {
      hint: 'Commit or undo the changes: what is released is what the commit holds.',
      details: { changed: changed.map((line) => line.slice(3)) },
    },
  )
}
