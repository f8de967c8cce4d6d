import { itemsAt, nodeAt, stringAt, type DocumentNode } from '../locate/tree.ts'
import { isNamed, type VersionGroups } from '../units/groups.ts'
import type { Unit } from '../units/units.ts'
import type { FileTree } from '../workspace/file-tree.ts'

/** What `.changeset/config.json` says that matters to a plan. */
export interface ChangesetConfig {
  readonly groups: VersionGroups
  readonly updateInternalDependents: 'out-of-range' | 'always'
}

const EXPERIMENTAL = '___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH'

/** Reads a project's own changesets configuration; names that are no component are left out of its groups. */
export async function readChangesetConfig(
  files: FileTree,
  units: readonly Unit[],
): Promise<ChangesetConfig> {
  const tree = await files.tree('.changeset/config.json')
  const components = units.filter(({ decision }) => decision !== null)
  const groups = (key: string): readonly (readonly string[])[] =>
    itemsAt(tree, [key]).map((group) =>
      itemsAt(group, [])
        .flatMap(textOf)
        .filter((name) => components.some((unit) => isNamed(unit, name))),
    )
  const always = stringAt(nodeAt(tree, [EXPERIMENTAL]), ['updateInternalDependents']) === 'always'
  return {
    groups: { fixed: groups('fixed'), linked: groups('linked') },
    updateInternalDependents: always ? 'always' : 'out-of-range',
  }
}

const textOf = (node: DocumentNode): string[] =>
  node.kind === 'scalar' && typeof node.value === 'string' ? [node.value] : []
