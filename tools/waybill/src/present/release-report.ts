import { wantedAt, type Proof } from '@waybill/core'
import {
  type PublishedPlan,
  type ReleasedComponent,
  type ReleasedImage,
  type StageRecord,
} from '@waybill/release'
import { bytes, seconds, short } from './units.ts'
import { decisionText } from './present.ts'
import { table } from './table.ts'
import { throughRows } from './through.ts'

/** What there is to say of a finished release. */
export interface ReleaseReport {
  readonly components: readonly ReleasedComponent[]
  readonly stages: readonly StageRecord[]
}

/** A release as plain text: version, tags, digests, sizes, the proof of identity, seconds a step. */
export function releaseText({ components, stages }: ReleaseReport): string {
  const parts = components.flatMap((component) => [
    decisionText(component.decision),
    table(artifactRows(component)),
    ...component.images.flatMap((image) => [
      table(imageRows(image)),
      table(proofRows(image.plan.proof)),
      table(nameRows(image)),
    ]),
    component.files === undefined ? '' : table(nameRows(component.files)),
  ])
  const times = table(stages.map(({ stage, duration }) => [`  ${stage}`, seconds(duration)]))
  return [...parts, times === '' ? '' : `seconds a stage\n${times}`]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** The files that were built: name, platform, size, digest. */
export function artifactRows({ artifacts }: ReleasedComponent): string[][] {
  return artifacts.map(({ name, platform, size, digest }) => [
    name,
    platform ?? '',
    bytes(size),
    short(digest),
  ])
}

/** An image's platforms: digest, layers and their size. */
export function imageRows({ entry, image }: ReleasedImage): string[][] {
  const rows = image.images.map(({ platform, descriptor, layers }) => {
    const size = layers.reduce((sum, layer) => sum + layer.size, 0)
    return [
      `image ${entry.repository}`,
      platform,
      short(descriptor.digest),
      `${layers.length} layers`,
      bytes(size),
    ]
  })
  return [[`image ${entry.repository}`, 'index', image.descriptor.digest], ...rows]
}

/** Every compared file, or why none was. */
export function proofRows(proof: Proof): string[][] {
  if (proof.kind === 'files') return []
  if (proof.kind === 'waived') return [['identity was not proved', proof.reason]]
  const compared = proof.checked.map(({ platform, path, image, released, artifact }) => [
    image === released ? 'identical' : 'DIFFERENT',
    platform,
    path,
    short(image),
    artifact ?? short(released),
  ])
  return [...compared, ...throughRows(proof.through)]
}

/** Every name at every destination. */
export function nameRows({ plan, receipt }: PublishedPlan): string[][] {
  if (receipt !== undefined)
    return receipt.results.map((result) => [
      result.destination,
      result.name,
      result.kind,
      short(result.digest),
      result.outcome,
    ])
  return Object.entries(plan.destinations).flatMap(([destination, names]) =>
    (['immutable', 'rolling'] as const).flatMap((kind) =>
      names[kind].map((name) => [destination, name, kind, short(wantedAt(names, name)), 'planned']),
    ),
  )
}
