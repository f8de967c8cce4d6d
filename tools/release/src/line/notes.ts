import { join, relative } from 'node:path'
import {
  WaybillError,
  createContext,
  findRoot,
  insideRepository,
  isWaybillError,
  readInside,
  type ContextOptions,
  type DueDecision,
} from '@waybill/core'
import { planVersions, renderNotes, sectionOf } from '@waybill/version'
import type { ReleaseEntry } from '../definition/types.ts'

/**
 * What a release page says: the version's section of the component's CHANGELOG.md where there is one, since people may have written
 * it, else what its commits say; or the file that the definition names.
 * @throws {ERR_FILE_MISSING} {ERR_OUTSIDE_REPOSITORY}
 */
export async function releaseNotes(
  { notes = 'changelog' }: ReleaseEntry,
  decision: DueDecision,
  options: ContextOptions = {},
): Promise<string> {
  const context = createContext(options)
  const { release } = decision
  const root = await findRoot(context.cwd)
  const inRoot = (path: string): string => relative(root, join(context.cwd, path))
  if (notes !== 'changelog') return readNotes(root, inRoot(notes))
  const text = await readChangelog(root, inRoot(join(release.path, 'CHANGELOG.md')))
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

const readText = async (root: string, path: string): Promise<string> =>
  (await readInside(insideRepository, root, path)).toString('utf8')

// Without one, and where a folder is in its place, the commits say it.
function readChangelog(root: string, path: string): Promise<string> {
  return readText(root, path).catch((error: unknown) => {
    if (isWaybillError(error, 'ERR_OUTSIDE_REPOSITORY')) throw error
    return ''
  })
}

async function readNotes(root: string, path: string): Promise<string> {
  try {
    return await readText(root, path)
  } catch (error) {
    if (isWaybillError(error, 'ERR_OUTSIDE_REPOSITORY')) throw error
    throw new WaybillError('ERR_FILE_MISSING', `The release's notes ${path} cannot be read`, {
      hint: 'Write the file, or leave "notes" out for the changelog.',
      outcome: 'usage',
      cause: error,
    })
  }
}
