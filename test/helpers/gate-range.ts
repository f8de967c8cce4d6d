import type { Component, Decision } from '@waybill/core'
import { decide, parseCommit, type CommitRange, type Policy, type RangeCommit } from '@waybill/gate'

/** One commit of a made-up range. */
export interface Spot {
  readonly message: string
  readonly merge?: boolean
  readonly empty?: boolean
  readonly elsewhere?: boolean
}

export const scim: Component = { name: 'scim', path: '.', tag: 'v{version}' }
export const pair: readonly Component[] = [
  { name: 'core', path: 'core', tag: 'core-v{version}' },
  { name: 'cli', path: 'cli', tag: 'cli-v{version}' },
]

/** A range of commits, the newest first, each the child of the next. */
export function rangeOf(
  last: string,
  spots: readonly Spot[],
  component = scim,
  components: readonly Component[] = [component],
): CommitRange {
  const name = (index: number): string => String(spots.length - index).padStart(40, '0')
  const commits = spots.map(
    ({ message, merge = false, empty = false, elsewhere = false }, index): RangeCommit => ({
      commit: name(index),
      parents: merge ? [name(index + 1), 'f'.repeat(40)] : [name(index + 1)],
      created: 0,
      message,
      parsed: parseCommit(message),
      touches: empty ? [] : elsewhere ? ['another'] : [component.name],
      empty,
      reaches: spots.slice(index + 1).map((_spot, at) => name(index + 1 + at)),
    }),
  )
  const head = { commit: name(0), created: 0 }
  return {
    component,
    components,
    last: { tag: `v${last}`, version: last, commit: name(spots.length) },
    standing: null,
    head,
    commits,
    tagged: [last],
  }
}

/** The version, `none`, or the code of the first error. */
export function answer(decision: Decision): string {
  if (decision.status === 'due') return decision.release.version
  if (decision.status === 'not-due') return 'none'
  return decision.findings.find(({ level }) => level === 'error')!.code
}

/** Decides on made-up commits after a release. */
export const ask = (
  last: string,
  message: string | readonly Spot[],
  policy: Policy | 'conventional' | 'release-please',
): string =>
  answer(decide(rangeOf(last, typeof message === 'string' ? [{ message }] : message), { policy }))
