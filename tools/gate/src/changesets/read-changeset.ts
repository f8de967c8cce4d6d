import type { Bump } from '@waybill/core'
import { higherBump } from '../outcome.ts'
import { asList, asObject, asText } from '../plain.ts'

const FRONT = /^\s*---[^\n]*\n(.*?)\n?---/s
const LINE =
  /^\s*(?:"([^"]+)"|'([^']+)'|([^\s"'#:][^\s:]*))\s*:\s*["']?(major|minor|patch|none)["']?\s*(?:#.*)?$/gm
const FILE = /^(?:.*\/)?\.changeset\/(?:[^/]+\.md|[^/]+\/changes\.json)$/

/** Whether a path is a changeset: a Markdown file in `.changeset`, or the `changes.json` of its first version. */
export function isChangesetPath(path: string): boolean {
  return path.includes('.changeset/') && FILE.test(path) && !/\/README\.md$/i.test(path)
}

/** Reads what a changeset bumps, by package name. Total: what cannot be read bumps nothing. */
export function readChangeset(text: string, path: string): Readonly<Record<string, Bump>> {
  return path.endsWith('.json') ? readFirstVersion(text) : readFrontMatter(text)
}

function readFrontMatter(text: string): Readonly<Record<string, Bump>> {
  const front = FRONT.exec(text)?.[1] ?? ''
  const bumps: Record<string, Bump> = {}
  for (const [, double, single, bare, bump] of front.matchAll(LINE)) {
    bumps[double ?? single ?? bare ?? ''] = bump as Bump
  }
  return bumps
}

// The first version wrote the dependents down as well.
function readFirstVersion(text: string): Readonly<Record<string, Bump>> {
  const bumps: Record<string, Bump> = {}
  for (const { name, type } of releasesOf(text)) {
    if (name !== undefined && isBump(type)) bumps[name] = higherBump(bumps[name] ?? 'none', type)
  }
  return bumps
}

function releasesOf(text: string): { name: string | undefined; type: unknown }[] {
  try {
    const { releases, dependents } = asObject(JSON.parse(text))
    const all = [...asList(releases), ...asList(dependents)].map(asObject)
    return all.map(({ name, type }) => ({ name: asText(name), type }))
  } catch {
    return []
  }
}

function isBump(type: unknown): type is Bump {
  return type === 'major' || type === 'minor' || type === 'patch' || type === 'none'
}
