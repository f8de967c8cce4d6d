import { statSync } from 'node:fs'
import { join } from 'node:path'
import { findRoot, insideRepository, isWaybillError, notAFile, type Finding } from '@waybill/core'
import type { ComponentEntry, Definition } from '../definition/types.ts'

/** Looks for every component's folder and for the files in it that its definition names; what is not there, or leads out of the repository, is a finding. */
export async function checkFiles(definition: Definition, cwd: string): Promise<Finding[]> {
  const root = await findRoot(cwd)
  const found = await Promise.all(
    Object.entries(definition.components).map(([name, component]) =>
      checkComponent({ name, component, cwd, root }),
    ),
  )
  return found.flat()
}

interface Checked {
  readonly name: string
  readonly component: ComponentEntry
  readonly cwd: string
  readonly root: string
}

async function checkComponent({ name, component, cwd, root }: Checked): Promise<Finding[]> {
  const { path } = component
  const at = (key: string): string => `components.${name}.${key}`
  const folder = await checkPlace(at('path'), `the folder ${path}`, { root, path: join(cwd, path) })
  if (folder.length > 0) return folder
  if (statSync(join(cwd, path)).isDirectory() === false)
    return [missing(at('path'), `the folder ${path}`)]
  const files = await Promise.all(
    namedFiles(component).map(([key, file]) =>
      checkPlace(at(key), file, { root, path: join(cwd, file.startsWith('/') ? '' : path, file) }),
    ),
  )
  return files.flat()
}

async function checkPlace(
  where: string,
  what: string,
  { root, path }: { readonly root: string; readonly path: string },
): Promise<Finding[]> {
  try {
    const facts = statSync(await insideRepository(root, path), { throwIfNoEntry: false })
    if (facts === undefined) return [missing(where, what)]
    if (!facts.isFile() && !facts.isDirectory()) throw notAFile(path, facts)
    return []
  } catch (error) {
    if (!isWaybillError(error)) throw error
    const { message, hint: suggestion } = error
    const code = error.code === 'ERR_OUTSIDE_REPOSITORY' ? 'file-outside' : 'file-missing'
    return [
      {
        code,
        level: 'error',
        message: `"${where}": ${message}`,
        ...(suggestion === undefined ? {} : { suggestion }),
      },
    ]
  }
}

type NamedFile = readonly [key: string, file: string]

// What the repository holds before anything is built; prebuilt binaries may come later.
function namedFiles({ builds = [], versionFiles = [] }: ComponentEntry): readonly NamedFile[] {
  return [
    ...versionFiles.map((file, index): NamedFile => [
      `versionFiles.${index}`,
      typeof file === 'string' ? file : file.path,
    ]),
    ...builds.flatMap(({ sources = [], entry }, index) =>
      [...sources, ...(entry === undefined ? [] : [entry])].map((file): NamedFile => [
        `builds.${index}`,
        file,
      ]),
    ),
  ]
}

const missing = (where: string, what: string): Finding => ({
  code: 'file-missing',
  level: 'error',
  message: `"${where}" names ${what}, which is not there`,
  suggestion:
    'Correct the path: files are relative to the component’s folder, or to the root with a leading /.',
})
