import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WaybillError, createContext, type ContextOptions, type DueDecision } from '@waybill/core'
import { planVersions, renderNotes, sectionOf } from '@waybill/version'
import type { ReleaseEntry } from '../definition/types.ts'

/**
 * What a release page says: the version's section of the component's CHANGELOG.md where there is one, since people may have written
 * it, else what its commits say; or the file that the definition names.
 * @throws {ERR_FILE_MISSING}
 */
export async function releaseNotes(
  { notes = 'changelog' }: ReleaseEntry,
  decision: DueDecision,
  options: ContextOptions = {},
): Promise<string> {
  const context = createContext(options)
  const { release } = decision
  if (notes !== 'changelog') return readNotes(join(context.cwd, notes))
  const changelog = join(context.cwd, release.path, 'CHANGELOG.md')
  const text = await readFile(changelog, 'utf8').catch(() => '')
  return sectionOf(text, release.version) ?? notesOfCommits(decision, options)
}

async function notesOfCommits(decision: DueDecision, options: ContextOptions): Promise<string> {
  const { component } = decision.release
  const versionFiles = { [component]: [] }
  const plan = await planVersions([decision], {
    ...options,
    versionFiles,
    changesets: false,
    changelog: 'never',
  })
  const planned = plan.releases.find((release) => release.component === component)
  return planned === undefined ? '' : renderNotes(planned)
}

async function readNotes(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new WaybillError('ERR_FILE_MISSING', `The release's notes ${path} cannot be read`, {
      hint: 'Write the file, or leave "notes" out for the changelog.',
      outcome: 'usage',
      cause: error,
    })
  }
}
