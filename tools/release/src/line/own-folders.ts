import { join } from 'node:path'
import { findRoot, namedPlace, type Context } from '@waybill/core'

// What Waybill keeps beside what it builds.
const KEPT = ['.waybill/journal', '.waybill/rehearse']

/**
 * Checks that the folders a command writes to are where their names say: in a repository no link leads out of it. A folder elsewhere is named by the
 * call itself (`--out /elsewhere`), and is the caller's choice.
 * @throws {ERR_OUTSIDE_REPOSITORY} naming the link and its target.
 */
export async function assertOwnFolders(
  { cwd, out }: Pick<Context, 'cwd' | 'out'>,
  named: readonly string[] = [],
): Promise<void> {
  const root = await findRoot(cwd)
  for (const path of [out, ...KEPT.map((name) => join(cwd, name)), ...named])
    await namedPlace(root, path)
}
