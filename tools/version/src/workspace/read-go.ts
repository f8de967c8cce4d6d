import { posix } from 'node:path'
import { toText } from '../locate/tree.ts'
import { goToNpmRange } from './ranges.ts'
import type { FileTree } from './file-tree.ts'
import type { WorkspaceDependency, WorkspacePackage } from './types.ts'

/** The folders of the Go workspace (`go.work`), or single module, whose root is `folder`. */
export async function goFolders(folder: string, files: FileTree): Promise<readonly string[]> {
  const work = await files.read(posix.join(folder, 'go.work'))
  const used = work === undefined ? [] : directives(toText(work), 'use')
  const folders = [
    folder,
    ...used.map(({ words }) => posix.join(folder, unquoted(words[0] ?? '.'))),
  ]
  return [...new Set(folders)]
}

/** Reads the modules in these folders; a module's version is its tag, no file holds it. */
export async function readGo(
  folders: readonly string[],
  files: FileTree,
): Promise<readonly WorkspacePackage[]> {
  const found = await Promise.all(folders.map((path) => readModule(path, files)))
  const modules = found.filter((one) => one !== undefined)
  const byName = new Map(modules.map((module) => [module.name, module]))
  return modules.map(({ text, ...module }) => ({
    ...module,
    dependencies: requirements(text, module, byName),
  }))
}

type Module = Omit<WorkspacePackage, 'dependencies'> & { readonly text: string }

async function readModule(path: string, files: FileTree): Promise<Module | undefined> {
  const manifest = posix.join(path, 'go.mod')
  const bytes = await files.read(manifest)
  if (bytes === undefined) return undefined
  const text = toText(bytes)
  const name = directives(text, 'module')[0]?.words[0]
  if (name === undefined) return undefined
  const common = { version: null, inheritsFrom: null, private: false, text } as const
  return { name: unquoted(name), path, kind: 'go', manifest, ...common }
}

function requirements(
  text: string,
  module: Pick<WorkspacePackage, 'manifest' | 'name'>,
  byName: ReadonlyMap<string, Pick<WorkspacePackage, 'path'>>,
): readonly WorkspaceDependency[] {
  return directives(text, 'require').flatMap(({ words: [name = '', version = ''], offset }) => {
    const target = byName.get(unquoted(name))
    if (target === undefined || !version.startsWith('v')) return []
    const at = `require ${unquoted(name)}`
    const place = { path: module.manifest, at, offset: offset(1), text: version }
    const range = goToNpmRange(version)
    return [{ name: unquoted(name), path: target.path, kind: 'dependencies', range, place }]
  })
}

interface Directive {
  readonly words: readonly string[]
  /** The byte at which a word starts. */
  readonly offset: (word: number) => number
}

// `verb words` on one line, or `verb ( … )` over several. https://go.dev/ref/mod#go-mod-file-lexical
function directives(text: string, verb: string): readonly Directive[] {
  const found: Directive[] = []
  let block: string | undefined
  for (const { 0: line, index } of text.matchAll(/[^\r\n]+/g)) {
    const code = line.replace(/\/\/.*$/, '')
    const words = [...code.matchAll(/\S+/g)].map((word) => ({
      text: word[0],
      at: index + word.index,
    }))
    const first = words[0]?.text
    if (block !== undefined && first === ')') block = undefined
    else if (block !== undefined) add(found, words, block === verb)
    else if (words[1]?.text === '(' || first?.endsWith('(') === true)
      block = first!.replace('(', '')
    else add(found, words.slice(1), first === verb)
  }
  return found
}

function add(
  found: Directive[],
  words: readonly { readonly text: string; readonly at: number }[],
  wanted: boolean,
): void {
  if (!wanted || words.length === 0) return
  found.push({ words: words.map(({ text }) => text), offset: (word) => words[word]!.at })
}

const unquoted = (word: string): string => word.replace(/^["`](.*)["`]$/, '$1')
