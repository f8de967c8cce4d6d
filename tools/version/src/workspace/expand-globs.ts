import { posix } from 'node:path'
import { WaybillError, compareText, matchesGlob } from '@waybill/core'

/** Lists the folders in a folder; none where it does not exist. */
export type ListFolders = (path: string) => Promise<readonly string[]>

const SKIPPED = new Set(['node_modules', 'target', 'vendor'])

/**
 * The folders that workspace patterns name: literal paths, `*`, `**`, and `!` to take out. Ordered by path.
 * `base` is the folder of the manifest that holds the patterns.
 */
export async function expandGlobs(
  base: string,
  patterns: readonly string[],
  list: ListFolders,
): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!')
    const clean = posix.normalize(pattern.slice(negated ? 1 : 0)).replace(/\/$/, '')
    if (!negated) for (const path of await expand(base, clean.split('/'), list)) found.add(path)
    else
      for (const path of found) if (matches(posix.relative(base, path), clean)) found.delete(path)
  }
  return [...found].toSorted(compareText)
}

async function expand(
  folder: string,
  segments: readonly string[],
  list: ListFolders,
): Promise<readonly string[]> {
  const [segment, ...rest] = segments
  if (segment === undefined) return [folder]
  if (!/[*?[{]/.test(segment)) return expand(posix.join(folder, segment), rest, list)
  const names = (await list(folder)).filter((name) => !name.startsWith('.') && !SKIPPED.has(name))
  const into = segment === '**' ? names : names.filter((name) => matches(name, segment))
  const next = segment === '**' ? segments : rest
  const below = await Promise.all(into.map((name) => expand(posix.join(folder, name), next, list)))
  return [...(segment === '**' ? await expand(folder, rest, list) : []), ...below.flat()]
}

/** Whether a text matches a pattern of `*`, `**`, `?` and `{a,b}`. */
export function matches(text: string, pattern: string): boolean {
  return matchesGlob(toRegExp(pattern), text, () => invalidGlob(pattern))
}

function invalidGlob(pattern: string): WaybillError {
  return new WaybillError(
    'ERR_INVALID_PATTERN',
    `The workspace pattern ${pattern} takes too long`,
    {
      hint: 'Write it with fewer stars.',
      outcome: 'usage',
      details: { pattern },
    },
  )
}

const TOKEN = /\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[\\^$.|+()[\]{}]/g

function toRegExp(pattern: string): RegExp {
  const source = pattern.replace(TOKEN, (token) => {
    if (token === '**/') return '(?:.*/)?'
    if (token === '**') return '.*'
    if (token === '*') return '[^/]*'
    if (token === '?') return '[^/]'
    if (token.length > 1) return `(?:${token.slice(1, -1).split(',').map(escape).join('|')})`
    return `\\${token}`
  })
  return new RegExp(`^${source}$`)
}

const escape = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
