// What the sources of a package import, read off their text.
import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../../..')
export const tools: string = join(root, 'tools')
// The packages, and the actions on top of them.
export const folderOf = (name: string): string =>
  name === 'actions' ? join(root, name) : join(tools, name)

const IMPORT =
  /^(?:import|export)\s(?:[^'"]*?\sfrom\s)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm

/** Every import and export of a package's files: `file` is named `package/src/…`. */
export function imports(name: string): { file: string; specifier: string }[] {
  const source = join(folderOf(name), 'src')
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  return files.flatMap((file) =>
    [...readFileSync(join(source, file), 'utf8').matchAll(IMPORT)].map((match) => ({
      file: `${name}/src/${file}`,
      specifier: (match[1] ?? match[2])!,
    })),
  )
}
