import type { Bump, Decision, Finding } from '@waybill/core'
import type { Changeset, ChangesetHistory } from '../changesets/types.ts'
import type { VersionReason } from '../types.ts'
import type { Demand } from '../units/engine.ts'
import { isNamed } from '../units/groups.ts'
import { reasonsOf } from './reasons.ts'
import type { Unit } from '../units/units.ts'

/** What commits and changesets ask for, in the engine's form and as reasons by component. */
export interface Demands {
  readonly demands: readonly Demand[]
  readonly reasons: ReadonlyMap<string, readonly VersionReason[]>
  readonly counted: readonly Changeset[]
  readonly findings: readonly Finding[]
}

export interface DemandOptions {
  /** What a changeset's `major` means before 1.0.0: 1.0.0, as for changesets, or the next minor. */
  readonly zeroMajor: 'major' | 'minor'
}

/** Brings commits and changesets into one list of demands. Pure. */
export function demandsOf(
  units: readonly Unit[],
  history: ChangesetHistory,
  options: DemandOptions,
): Demands {
  const commits = units.flatMap(({ id, decision }) => {
    const bump = decision === null ? 'none' : commitBump(decision)
    return bump === 'none' ? [] : [{ id: `commits ${id}`, releases: [{ unit: id, bump }] }]
  })
  const files = history.changesets.map((changeset) => {
    const releases = changeset.releases.flatMap(({ name, bump }) =>
      units
        .filter((unit) => isNamed(unit, name) && counts(unit, changeset, history))
        .map((unit) => ({ unit: unit.id, bump: shifted(unit, bump, options) })),
    )
    return { changeset, releases }
  })
  const counted = files.filter(({ releases }) => releases.length > 0)
  return {
    demands: [...commits, ...counted.map(({ changeset: { id }, releases }) => ({ id, releases }))],
    reasons: reasonsBy(units, counted),
    counted: counted.map(({ changeset }) => changeset),
    findings: [
      ...history.changesets.flatMap((changeset) => unknownNames(changeset, units)),
      ...history.uncommitted.map(uncommitted),
    ],
  }
}

// A release that is ordered with a version no higher (or is the first) still is one.
function commitBump(decision: Decision): Bump {
  if (decision.status !== 'due') return 'none'
  return decision.bump === 'none' ? 'patch' : decision.bump
}

function counts({ decision }: Unit, { id }: Changeset, { since }: ChangesetHistory): boolean {
  return decision !== null && since.get(decision.last?.commit ?? '')?.has(id) === true
}

function shifted({ version }: Unit, bump: Bump, { zeroMajor }: DemandOptions): Bump {
  return bump === 'major' && version.startsWith('0.') ? zeroMajor : bump
}

type Counted = {
  readonly changeset: Changeset
  readonly releases: readonly { readonly unit: string; readonly bump: Bump }[]
}

function reasonsBy(
  units: readonly Unit[],
  counted: readonly Counted[],
): ReadonlyMap<string, readonly VersionReason[]> {
  return new Map(
    units.map(({ id, decision }) => {
      const files = counted.flatMap(({ changeset, releases }) =>
        releases
          .filter(({ unit, bump }) => unit === id && bump !== 'none')
          .map(({ bump }) => changesetReason(changeset, bump)),
      )
      return [id, [...(decision === null ? [] : reasonsOf(decision)), ...files]]
    }),
  )
}

function changesetReason({ id, commit, summary }: Changeset, bump: Bump): VersionReason {
  const line = summary.split('\n')[0] ?? ''
  const reason = `${line === '' ? 'no summary' : line}: the changeset ${id} asks for ${bump}`
  return { kind: 'changeset', bump, reason, commit, changeset: id }
}

function unknownNames({ path, releases }: Changeset, units: readonly Unit[]): readonly Finding[] {
  return releases
    .filter(({ name }) => !units.some((unit) => isNamed(unit, name)))
    .map(({ name }) => ({
      code: 'changeset-unknown-package',
      level: 'error',
      message: `${path} names "${name}", which is neither a component nor a package of this repository`,
      suggestion: 'Write the name as in the package’s manifest, or the component’s.',
      where: { path },
    }))
}

function uncommitted(path: string): Finding {
  return {
    code: 'changeset-uncommitted',
    level: 'warning',
    message: `${path} is in no commit yet, so it does not count`,
    suggestion: 'Commit it and plan again.',
    where: { path },
  }
}
