import { WaybillError, type Destination, type Naming } from '@waybill/core'
import type { Publishable } from './existing.ts'
import type { NamePlan } from './names.ts'

/** A release and the names made for it. */
export interface PlannedRelease {
  readonly names: NamePlan
  readonly release: Publishable
  readonly naming: Pick<Naming, 'version' | 'channel'>
}

/**
 * The names of a release at one kind of destination. A channel is no release: it has no tag in git, no page at a forge, no version
 * at npm.
 * @throws {ERR_NO_RELEASE_TAG}
 */
export function namesAt(
  { kind, name }: Pick<Destination, 'kind' | 'name'>,
  { names, release, naming }: PlannedRelease,
): Pick<NamePlan, 'immutable' | 'rolling'> {
  if (kind === 'oci') return { immutable: names.immutable, rolling: names.rolling }
  if (naming.channel !== undefined) return { immutable: [], rolling: [] }
  if (kind === 'npm') return { immutable: [naming.version], rolling: [] }
  if (release.tag !== undefined) return { immutable: [release.tag], rolling: [] }
  throw new WaybillError('ERR_NO_RELEASE_TAG', `${name} needs the name of the release's tag`, {
    hint: 'Give the release with its tag and commit; on the command line --git-tag and --commit.',
    outcome: 'usage',
  })
}
