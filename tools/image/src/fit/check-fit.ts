import {
  createReport,
  formatPlatform,
  type ContextOptions,
  type Finding,
  type Report,
} from '@waybill/core'
import { platformOf, type BinaryFacts } from '@waybill/binary'
import { imageFacts } from '../facts/layer-facts.ts'
import { readBase } from '../read-base.ts'
import { selectImage } from '../select-image.ts'
import type { BaseImage, Image } from '@waybill/oci'
import { linkAgainst, type LinkedLibrary } from './link-against.ts'
import type { FactsOptions } from '../facts/types.ts'

export interface FitOptions extends ContextOptions, FactsOptions {
  /** How the binary is called in findings. @default 'the binary' */
  readonly name?: string | undefined
  /** Where it will be in the image, for libraries it looks for beside itself. @default '/' and its name */
  readonly path?: string | undefined
}

const UNNAMED = 'the binary'

/**
 * Checks that a binary starts on a base: the machine, the loader, every library it needs, directly or not, and every symbol version it
 * wants of them are in the base's own layers. A static binary needs no layer read.
 * @throws {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING} {ERR_INVALID_IMAGE} {ERR_UNKNOWN_PLATFORM}
 */
export async function checkFit(
  facts: BinaryFacts,
  base: BaseImage,
  options: FitOptions = {},
): Promise<Report<LinkedLibrary>> {
  if (base === 'scratch') return checkFitImage(facts, base, options)
  const images = await readBase(base)
  const wanted = platformOf(facts)
  const fitting = images.filter(({ platform }) => platform.architecture === wanted.architecture)
  if (fitting.length === 0) {
    const offered = images.map(({ platform }) => formatPlatform(platform)).join(', ')
    const message = `${options.name ?? UNNAMED} is for ${formatPlatform(wanted)}, ${base.reference} is for ${offered}`
    return createReport([], [error('platform-missing', message, 'Choose a base for its platform.')])
  }
  return checkFitImage(facts, selectImage(images, wanted, base.reference), options)
}

/** Checks that a binary starts on one platform's image, or on nothing. */
export async function checkFitImage(
  facts: BinaryFacts,
  image: Image | 'scratch',
  options: FitOptions = {},
): Promise<Report<LinkedLibrary>> {
  if (image === 'scratch') return createReport([], onNothing(facts, options.name ?? UNNAMED))
  if (facts.linkage !== 'dynamic') return createReport([], [])
  const name = options.name ?? UNNAMED
  const path = options.path ?? '/binary'
  const base = await imageFacts(image, options)
  const { libraries, findings } = linkAgainst({ facts, base, name, path })
  return createReport(libraries, findings)
}

function onNothing(facts: BinaryFacts, name: string): readonly Finding[] {
  if (facts.linkage !== 'dynamic') return []
  const needs = [facts.interpreter, ...facts.needed].filter((one) => one !== null).join(', ')
  const message = `${name} is linked dynamically and needs ${needs}; scratch has nothing`
  return [error('library-missing', message, 'Link it statically, or choose a base that has them.')]
}

function error(code: string, message: string, suggestion: string): Finding {
  return { code, level: 'error', message, suggestion }
}
