import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '@waybill/core'
import type { ComponentEntry, Definition } from '../definition/types.ts'

/** Looks for every component's folder and for the files in it that its definition names; what is not there is a finding. */
export function checkFiles(definition: Definition, root: string): Finding[] {
  return Object.entries(definition.components).flatMap(([name, component]) => {
    const { path } = component
    if (statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() !== true)
      return [missing(`components.${name}.path`, `the folder ${path}`)]
    return namedFiles(component)
      .filter(([, file]) => !existsSync(join(root, file.startsWith('/') ? '' : path, file)))
      .map(([key, file]) => missing(`components.${name}.${key}`, file))
  })
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
