import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Release } from '@waybill/core'
import { temporaryFolder } from './temporary.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

/** An example program of `docs/examples`, copied to a folder of its own. */
export function copyExample(path: string): string {
  const folder = temporaryFolder('source')
  cpSync(join(ROOT, 'docs/examples', path), folder, { recursive: true })
  return folder
}

/** A folder with the given files. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder('source')
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

/** A release of the folder's own root. */
export function releaseOf(component: string, version = '1.2.3'): Release {
  return {
    component,
    path: '.',
    version,
    tag: `${component}-v${version}`,
    commit: 'a'.repeat(40),
    created: 1_700_000_000,
  }
}

/** The checkout, whose `node_modules/.bin` holds Zig; put first on PATH for programs that are built elsewhere. */
export const environment = (): Record<string, string | undefined> => ({
  ...process.env,
  PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
})
