import { cpSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { createJob } from './action.ts'
import type { Releasable } from './releasable.ts'
import { temporaryFolder } from './temporary.ts'

/** The cells of a releasable repository. */
export const CELLS = ['app-linux-amd64', 'app-linux-arm64'] as const

/** Builds cells, each in a job of its own, and brings the parts together as a job downloads them. */
export async function buildParts(
  app: Releasable,
  cells: readonly string[] = CELLS,
): Promise<string> {
  const parts = temporaryFolder('parts')
  for (const cell of cells) {
    const job = createJob(app.checkout())
    const built = await job.step('build', { cell })
    assert.is(built.code, 0, built.log)
    assert.is(built.outputs['path'], 'dist')
    cpSync(join(job.workspace, 'dist'), join(parts, cell), { recursive: true })
  }
  return parts
}
