import { WaybillError, type Destination, type Naming } from '@waybill/core'
import type { Publishable } from './existing.ts'
import { planNames, type NamePlan } from './names.ts'

/** A release, and the names that stand at any destination, as names of images. */
export interface ReleaseNames {
  readonly release: Publishable
  readonly naming: Naming
  readonly existing: readonly string[]
}

type Place = Pick<Destination, 'kind' | 'name' | 'rolling' | 'digests'>

/** The rolling names of a place, and those it keeps where they are. @throws as `planNames` */
export function rollingAt(
  { kind, rolling }: Pick<Place, 'kind' | 'rolling'>,
  { naming, existing }: Pick<ReleaseNames, 'naming' | 'existing'>,
): Pick<NamePlan, 'rolling' | 'kept'> {
  const options = kind === 'oci' ? naming : { ...naming, rolling: rolling ?? [] }
  return planNames(naming.version, existing, options)
}

/**
 * The names of a release at one place. A channel is no release: it has no tag in git, no page at a forge, no version at npm.
 * @throws {ERR_NO_RELEASE_TAG}, and as `planNames`.
 */
export function namesAt(place: Place, planned: ReleaseNames): NamePlan {
  const { release, naming, existing } = planned
  if (place.kind === 'oci') return planNames(naming.version, existing, naming)
  if (naming.channel !== undefined) return { immutable: [], rolling: [], kept: [] }
  const { rolling, kept } = rollingAt(place, planned)
  if (place.kind === 'npm') return { immutable: [naming.version], rolling, kept }
  if (release.tag !== undefined)
    return { immutable: [...filesOf(place), release.tag], rolling, kept }
  throw new WaybillError(
    'ERR_NO_RELEASE_TAG',
    `${place.name} needs the name of the release's tag`,
    {
      hint: 'Give the release with its tag and commit; on the command line --git-tag and --commit.',
      outcome: 'usage',
    },
  )
}

// What moves is not the release's alone.
function filesOf({ digests = {}, rolling = [] }: Place): readonly string[] {
  return Object.keys(digests).filter((name) => !rolling.includes(name))
}
