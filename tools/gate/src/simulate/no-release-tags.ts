import type { Component, Finding } from '@waybill/core'
import type { TagRef } from '../read-tags.ts'
import { tagOf } from '../tag-format.ts'

const SHOWN = 3

/** The finding that there are tags, but none that is read as a release. */
export function noReleaseTags(tags: readonly TagRef[], components: readonly Component[]): Finding {
  const formats = components.map((component) => tagOf(component, '{version}'))
  const expected = formats.length === 0 ? 'a version' : formats.join(' or ')
  const shown = tags.slice(0, SHOWN).map(({ tag }) => tag)
  const more = tags.length > SHOWN ? ` and ${tags.length - SHOWN} more` : ''
  return {
    code: 'no-release-tags',
    level: 'warning',
    message: `No tag is a release, expected ${expected}, found ${shown.join(', ')}${more}`,
  }
}
