import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes an empty folder that goes when the process does. */
export function temporaryFolder(name = 'test'): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `waybill-${name}-`)))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
