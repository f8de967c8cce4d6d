import { WaybillError, samePlatform, type ContextOptions, type Finding } from '@waybill/core'
import { platformOf, type BinaryFacts } from '@waybill/binary'
import { readBase } from '../read-base.ts'
import type { BaseImage } from '@waybill/oci'
import { checkFit } from './check-fit.ts'
import type { FactsOptions } from '../facts/types.ts'

export interface ChooseOptions extends ContextOptions, FactsOptions {
  /** How the binary is called in findings. */
  readonly name?: string | undefined
}

/** A base that was passed over, and why. */
export interface RejectedBase {
  readonly base: BaseImage
  /** Bytes of its layers. */
  readonly size: number
  readonly findings: readonly Finding[]
}

export interface ChosenBase {
  readonly base: BaseImage
  readonly size: number
  /** The smaller ones, the smallest first. */
  readonly rejected: readonly RejectedBase[]
}

/**
 * Chooses the smallest base that a binary, or its builds for several platforms, starts on. Size is that of the layers, for all platforms.
 * @throws {ERR_NO_BASE_FITS} with the reasons, and what `checkFit` throws.
 */
export async function chooseBase(
  binary: BinaryFacts | readonly BinaryFacts[],
  candidates: readonly BaseImage[],
  options: ChooseOptions = {},
): Promise<ChosenBase> {
  const binaries: readonly BinaryFacts[] = 'format' in binary ? [binary] : binary
  const sized = await Promise.all(
    candidates.map(async (base) => ({ base, size: await sizeFor(base, binaries) })),
  )
  const rejected: RejectedBase[] = []
  for (const { base, size } of sized.toSorted((a, b) => a.size - b.size)) {
    const reports = await Promise.all(binaries.map((facts) => checkFit(facts, base, options)))
    if (reports.every(({ ok }) => ok)) return { base, size, rejected }
    rejected.push({ base, size, findings: reports.flatMap(({ findings }) => findings) })
  }
  throw noneFits(rejected)
}

/** What a base is called. */
export const baseName = (base: BaseImage): string => (base === 'scratch' ? base : base.reference)

async function sizeFor(base: BaseImage, binaries: readonly BinaryFacts[]): Promise<number> {
  if (base === 'scratch') return 0
  const images = await readBase(base)
  const wanted = binaries.map((facts) => platformOf(facts))
  return images
    .filter(({ platform }) => wanted.some((one) => samePlatform(one, platform)))
    .flatMap(({ manifest }) => manifest.layers)
    .reduce((sum, { size }) => sum + size, 0)
}

function noneFits(rejected: readonly RejectedBase[]): WaybillError {
  const reasons = rejected.map(
    ({ base, findings }) =>
      `${baseName(base)}: ${findings.map(({ message }) => message).join('; ')}`,
  )
  return new WaybillError('ERR_NO_BASE_FITS', `No base fits the binary. ${reasons.join('. ')}`, {
    hint: 'Link it statically, or add a base with what it needs.',
    details: {
      rejected: rejected.map(({ base, findings }) => ({ base: baseName(base), findings })),
    },
  })
}
