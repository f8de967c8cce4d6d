import { formatPlatform, samePlatform, type Finding, type Platform } from '@waybill/core'
import type { ImageConfig, Image } from '@waybill/oci'

/** The findings for an image whose own configuration is for another platform than its entry, or an index around that, says. */
export function contradictions({
  platform,
  within = [],
  config,
  descriptor,
}: Image): readonly Finding[] {
  const wrong = [platform, ...within].filter((said) => !agrees(said, config))
  return wrong.map((said) => ({
    code: 'platform-mismatch',
    level: 'error',
    message: `${descriptor.digest}: the index says ${wholePlatform(said)}, the image's own configuration ${wholePlatform(config)}`,
    suggestion: 'Two images were swapped in the index, or one was changed; assemble it again.',
    where: { platform: formatPlatform(platform) },
  }))
}

// Engines pick by the entry, or by the configuration, or by both; so they must not differ. A configuration without a variant says nothing of it
// (image-spec 1.0 had none there); an entry without one is for any machine of its architecture.
function agrees(said: Platform, config: ImageConfig): boolean {
  const own: Platform = config
  const variant = own.variant ?? said.variant
  return (
    samePlatform(said, variant === undefined ? own : { ...own, variant }) &&
    isEqual(said['os.version'], own['os.version']) &&
    isEqual(features(said), features(own))
  )
}

// What only one of them says, the other does not contradict.
const isEqual = (one: string | undefined, other: string | undefined): boolean =>
  (one ?? '') === '' || (other ?? '') === '' || one === other

const features = (platform: Platform): string =>
  (platform['os.features'] ?? []).toSorted().join(', ')

/** A platform with all that engines look at. */
export function wholePlatform(platform: Platform): string {
  const version = platform['os.version']
  const needs = features(platform)
  return [
    formatPlatform(platform),
    ...(version === undefined ? [] : [`os.version ${version}`]),
    ...(needs === '' ? [] : [`os.features ${needs}`]),
  ].join(' ')
}
