import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Bump, DueDecision, NotDueDecision } from '@waybill/core'
import { temporaryFolder } from './temporary.ts'

export interface DueOptions {
  readonly path?: string
  readonly from?: string | null
  readonly to?: string
  readonly bump?: Bump
  readonly subject?: string
}

const COMMIT = '1'.repeat(40)

/** A decision as the gate makes it: one feature since the last release. */
export function due(name: string, options: DueOptions = {}): DueDecision {
  const { path = '.', from = '1.0.0', to = '1.1.0', bump = 'minor', subject = 'feat: x' } = options
  const component = { name, path, tag: `${name}-v{version}` }
  return {
    status: 'due',
    component,
    last: from === null ? null : { tag: `${name}-v${from}`, version: from, commit: '0'.repeat(40) },
    bump,
    commits: [
      { commit: COMMIT, subject, verdict: 'release', bump, reason: `${bump}, as the type says` },
    ],
    findings: [],
    release: {
      component: name,
      path,
      version: to,
      tag: `${name}-v${to}`,
      commit: COMMIT,
      created: 1_700_000_000,
    },
    releaseAs: null,
    resumed: false,
  }
}

export type Files = Readonly<Record<string, string | Uint8Array>>

/** A plain folder with these files; a `.git` folder marks it as a repository's root. */
export async function folderWith(files: Files): Promise<string> {
  const root = temporaryFolder('version')
  await mkdir(join(root, '.git'))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return root
}

export const textOf = (root: string, path: string): string =>
  readFileSync(join(root, path), 'latin1')

/** A decision that finds nothing to release. */
export function notDue(name: string, options: DueOptions = {}): NotDueDecision {
  const { component, last, findings } = due(name, options)
  return { status: 'not-due', component, last, bump: 'none', commits: [], findings }
}
