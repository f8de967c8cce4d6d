import type { Change, ChangeSection } from '../types.ts'

/** The order of a changelog's sections and their titles. */
export const SECTION_TITLES: readonly (readonly [ChangeSection, string])[] = [
  ['breaking', 'Breaking'],
  ['added', 'Added'],
  ['changed', 'Changed'],
  ['deprecated', 'Deprecated'],
  ['removed', 'Removed'],
  ['fixed', 'Fixed'],
  ['security', 'Security'],
]

const ORDER = SECTION_TITLES.map(([section]) => section)

/**
 * Makes one of changes that say the same: a branch's commit and the squash of its pull request, a backport, a changeset with the
 * commit's words. The earlier section in the order wins, so what breaks stays breaking.
 */
export function mergeChanges(changes: readonly Change[]): readonly Change[] {
  const merged = new Map<string, Change>()
  for (const change of changes) {
    const key = keyOf(change)
    const other = merged.get(key)
    merged.set(key, other === undefined ? change : joined(other, change))
  }
  return [...merged.values()].toSorted(
    (a, b) => ORDER.indexOf(a.section) - ORDER.indexOf(b.section),
  )
}

function keyOf({ text, scope }: Change): string {
  const line = text
    .split('\n')[0]!
    .toLowerCase()
    .replace(/[\s.]+$/, '')
    .replace(/\s+/g, ' ')
  return `${scope?.toLowerCase() ?? ''}\u0000${line}`
}

function joined(a: Change, b: Change): Change {
  const first = ORDER.indexOf(a.section) <= ORDER.indexOf(b.section) ? a : b
  return {
    ...first,
    text: a.text.length >= b.text.length ? a.text : b.text,
    commits: [...new Set([...a.commits, ...b.commits])],
    pulls: [...new Set([...a.pulls, ...b.pulls])],
  }
}
