import type { Component } from '@waybill/core'
import type { Policy } from '../policy.ts'
import { changesetsSettings } from './changesets-settings.ts'
import { releasePleaseSettings } from './release-please-settings.ts'
import { releasePlzSettings } from './release-plz-settings.ts'
import { semanticReleaseSettings } from './semantic-release-settings.ts'
import { componentOf, type Past, type SettingOf } from './setting.ts'

/** Finds out what held at each release: by the imitated tool's own configuration, or by the definition's components. */
export async function createSettings(
  past: Past,
  policy: Policy,
  components: readonly Component[],
): Promise<SettingOf> {
  if (policy.kind === 'release-please' && components.length === 0)
    return releasePleaseSettings(past)
  if (policy.kind === 'changesets' && components.length === 0) return changesetsSettings(past)
  if (policy.kind === 'every-commit' && components.length === 0) return releasePlzSettings(past)
  if (policy.kind === 'semantic-release' && components.length === 0)
    return semanticReleaseSettings(past, policy)
  return (release) => {
    const known = components.find(({ name }) => name === release.component)
    const component = known ?? componentOf(release.component, '.')
    return { component, components: known === undefined ? [component] : components, policy }
  }
}
