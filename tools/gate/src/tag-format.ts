import { expandTemplate, type Component } from '@waybill/core'
import semver from 'semver'

/** A component's tag format, ready to match: what stands before and after the version. */
export interface TagFormat {
  readonly prefix: string
  readonly suffix: string
}

const HOLE = '\u0000'

/** Makes the format of `v{version}`, `{name}-v{version}`, `{name}@{version}`, `{path}/v{version}`. @throws {ERR_UNKNOWN_VARIABLE} */
export function tagFormat(component: Component): TagFormat {
  const filled = fill(component, HOLE)
  const at = filled.indexOf(HOLE)
  return at < 0
    ? { prefix: filled, suffix: '' }
    : { prefix: filled.slice(0, at), suffix: filled.slice(at + 1) }
}

/** The tag's name for a version. @throws {ERR_UNKNOWN_VARIABLE} */
export function tagOf(component: Component, version: string): string {
  return fill(component, version)
}

/** The version a tag names, where it has this format and a valid semantic version. */
export function versionOf(format: TagFormat, tag: string): string | null {
  const { prefix, suffix } = format
  if (!tag.startsWith(prefix) || !tag.endsWith(suffix)) return null
  const version = tag.slice(prefix.length, tag.length - suffix.length)
  return /^\d/.test(version) && semver.valid(version) !== null ? version : null
}

function fill(component: Component, version: string): string {
  const { name, path, tag } = component
  // The root's folder has no name of its own: `{path}/v1.0.0` is `v1.0.0` there, as Go does it.
  const template = path === '.' ? tag.replace('{path}/', '') : tag
  return expandTemplate(template, { name, path, version }, `the tag format of ${name}`)
}
