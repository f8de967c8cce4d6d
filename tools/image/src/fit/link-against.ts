import { posix } from 'node:path'
import type { Finding } from '@waybill/core'
import { compareDotted, type BinaryFacts } from '@waybill/binary'
import { follow, type TreeNode } from '@waybill/oci/internal'
import { libraryFolders } from './library-folders.ts'
import type { ImageFacts, LibraryFacts } from '../facts/types.ts'

/** A library that was looked for, and where the base has it. */
export interface LinkedLibrary {
  readonly library: string
  /** Its path in the base, links resolved; null where it has none. */
  readonly path: string | null
  /** Who needs it. */
  readonly neededBy: string
}

export interface LinkInput {
  readonly facts: BinaryFacts
  readonly base: ImageFacts
  /** The binary's. */
  readonly name: string
  readonly path: string
}

export interface Linked {
  readonly libraries: readonly LinkedLibrary[]
  readonly findings: readonly Finding[]
}

/** Does what the dynamic loader would do with a binary on a base, as far as names and versions go. */
export function linkAgainst(input: LinkInput): Linked {
  const { facts, base } = input
  const loader = facts.interpreter === null ? undefined : fileAt(base, facts.interpreter)
  if (facts.interpreter !== null && loader === undefined)
    return { libraries: [], findings: [noLoader(input)] }
  const found = search(input)
  return {
    libraries: found.libraries,
    findings: [...found.findings, ...versionFindings(input, found)],
  }
}

interface Search extends Linked {
  /** By the name it was asked for. */
  readonly facts: ReadonlyMap<string, LibraryFacts>
}

function search({ facts, base, name, path }: LinkInput): Search {
  const folders = libraryFolders(facts, path)
  const libraries: LinkedLibrary[] = []
  const known = new Map<string, LibraryFacts>()
  const findings: Finding[] = []
  const seen = new Set<string>()
  const todo = facts.needed.map((library) => ({ library, neededBy: name }))
  for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
    const { library, neededBy } = next
    if (seen.has(library) || isLoader(facts, library)) continue
    seen.add(library)
    const found = findLibrary(base, folders, { library, platform: facts.platform })
    libraries.push({ library, path: found?.path ?? null, neededBy })
    if (found === undefined) findings.push(missing(library, neededBy))
    else if (found.facts !== undefined) {
      known.set(library, found.facts)
      todo.push(...found.facts.needed.map((one) => ({ library: one, neededBy: library })))
    }
  }
  return { libraries, findings, facts: known }
}

// The loader of musl is its C library too, under whatever name a program knows that.
function isLoader({ interpreter, libc }: BinaryFacts, library: string): boolean {
  if (interpreter !== null && posix.basename(interpreter) === library) return true
  return libc === 'musl' && /^libc\.(?:musl-.*\.)?so/.test(library)
}

interface FoundLibrary {
  readonly path: string
  readonly facts: LibraryFacts | undefined
}

function findLibrary(
  base: ImageFacts,
  folders: readonly string[],
  wanted: { readonly library: string; readonly platform: string | null },
): FoundLibrary | undefined {
  const { library, platform } = wanted
  const places = library.includes('/') ? [library] : folders.map((one) => `${one}/${library}`)
  for (const place of places) {
    const found = fileAt(base, place)
    if (found === undefined) continue
    const facts = base.libraryAt(found.node)
    // The loader passes over libraries for another machine.
    if (facts === undefined || facts.platform === null || facts.platform === platform)
      return { path: found.path, facts }
  }
  return undefined
}

/** The file at a path, every link followed. */
function fileAt(
  { root }: ImageFacts,
  path: string,
): { readonly node: TreeNode; readonly path: string } | undefined {
  const found = follow(root, path)
  const node = found.node?.target ?? found.node
  return node?.type === 'file' ? { node, path: found.path } : undefined
}

function versionFindings({ facts, name }: LinkInput, search: Search): readonly Finding[] {
  return facts.requires.flatMap(({ library, versions }) => {
    const found = search.facts.get(library)
    if (found === undefined || found.provides.length === 0) return []
    const lacking = versions.filter((version) => !found.provides.includes(version))
    return lacking.length === 0 ? [] : [tooOld(name, library, { lacking, found })]
  })
}

function tooOld(
  name: string,
  library: string,
  { lacking, found }: { readonly lacking: readonly string[]; readonly found: LibraryFacts },
): Finding {
  const prefix = lacking[0]!.split('_')[0]!
  const numbered = found.provides.filter((version) => version.startsWith(`${prefix}_`))
  const highest = numbered
    .filter((version) => /_\d/.test(version))
    .toSorted((a, b) => compareDotted(a.split('_')[1]!, b.split('_')[1]!))
    .at(-1)
  return {
    code: 'version-missing',
    level: 'error',
    message: `${name} needs ${lacking.join(', ')} of ${library}; the base's goes up to ${highest ?? 'none'}`,
    suggestion: `Build against an older ${library} (a glibc floor), or choose a newer base.`,
  }
}

const HINTS: Readonly<Record<string, string>> = {
  'libgcc_s.so.1': 'Choose a base with it (cc), or link with -static-libgcc or for musl.',
  'libstdc++.so.6': 'Choose a base with it (cc), or link with -static-libstdc++ -static-libgcc.',
}

function missing(library: string, neededBy: string): Finding {
  return {
    code: 'library-missing',
    level: 'error',
    message: `${neededBy} needs ${library}, which the base does not have`,
    suggestion: HINTS[library] ?? 'Choose a base that has it, or link it statically.',
  }
}

function noLoader({ facts, base, name }: LinkInput): Finding {
  const family = familyOf(base)
  const foreign = family !== undefined && facts.libc !== null && family !== facts.libc
  return {
    code: foreign ? 'libc-mismatch' : 'loader-missing',
    level: 'error',
    message: foreign
      ? `${name} is linked with ${facts.libc} (${facts.interpreter}), the base has ${family}`
      : `${name} wants the loader ${facts.interpreter}, which the base does not have`,
    suggestion: foreign
      ? `Build it for ${family}, link it statically, or choose a base with ${facts.libc}.`
      : 'Link it statically, or choose a base with a C library.',
  }
}

/** The C library that a base has, by its loader. */
function familyOf({ root }: ImageFacts): 'musl' | 'glibc' | undefined {
  const names = ['/lib', '/lib64', '/usr/lib', '/usr/lib64'].flatMap((folder) => [
    ...(follow(root, folder).node?.children?.keys() ?? []),
  ])
  if (names.some((name) => name.startsWith('ld-musl-'))) return 'musl'
  return names.some((name) => /^ld(?:-linux|64)/.test(name)) ? 'glibc' : undefined
}
