import type { Naming } from '@waybill/core'
import { encodeVersion, type Shape } from './version-names.ts'

/** How names are made of a version. */
export type NameOptions = Omit<Naming, 'version'>

const IMMUTABLE = ['{prefix}{version}', '{scope}sha-{sha7}']
const ROLLING = ['{prefix}{major}.{minor}', '{prefix}{major}', '{scope}latest']

/** The templates of the names that never move. */
export function immutableTemplates(options: NameOptions): readonly string[] {
  return options.immutable ?? IMMUTABLE
}

/** The templates of the names that move forward. */
export function rollingTemplates(options: NameOptions): readonly string[] {
  return options.rolling ?? ROLLING
}

/**
 * What of a prefix belongs to the component: all but a `v` that marks the version. `v` scopes nothing, `cli-v` scopes `cli-`;
 * `latest`, `sha-…` and channels carry the scope alone.
 */
export function scopeOf(prefix: string): string {
  return /(?:^|[^A-Za-z0-9])v$/.test(prefix) ? prefix.slice(0, -1) : prefix
}

/** How the names of whole versions look: by it the versions that stand are recognised. */
export function shapeOf(options: NameOptions): Shape {
  const prefix = options.tagPrefix ?? ''
  const templates = immutableTemplates(options).map((template) =>
    template
      .replace('{major}.{minor}.{patch}', '{version}')
      .replaceAll('{prefix}', prefix)
      .replaceAll('{scope}', scopeOf(prefix)),
  )
  const [before, after] =
    templates.find((one) => one.includes('{version}'))?.split('{version}') ?? []
  return { prefix: before ?? prefix, suffix: after ?? '' }
}

/** The immutable name of a whole version. */
export function nameOfVersion(version: string, options: NameOptions): string {
  const { prefix, suffix } = shapeOf(options)
  return `${prefix}${encodeVersion(version)}${suffix}`
}
