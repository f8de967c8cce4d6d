import { WaybillError, formatPlatform, samePlatform, type Platform } from '@waybill/core'
import type { Candidate } from '../judge.ts'

/**
 * Picks the released executable of a platform. Several: the one called as the file in the image is; equal bytes count as one.
 * @throws {ERR_AMBIGUOUS_ARTIFACT} naming all of them.
 */
export function chooseCandidate(
  candidates: readonly Candidate[],
  platform: Platform,
  name: string,
): Candidate | undefined {
  const fitting = preferred(ofPlatform(candidates, platform), ({ executable }) => executable)
  if (distinct(fitting) <= 1) return best(fitting)
  const namesakes = fitting.filter((candidate) => candidate.name === name)
  if (distinct(namesakes) === 1) return best(namesakes)
  const labels = fitting.map(({ label, digest }) => `${label} (${digest})`)
  throw new WaybillError(
    'ERR_AMBIGUOUS_ARTIFACT',
    `Several released executables are for ${formatPlatform(platform)}, and ${namesakes.length === 0 ? 'none' : 'more than one'} is called ${name}: ${labels.join(', ')}`,
    {
      hint: 'Take the others out of the released files, or give the file in the image the name of the right one.',
      details: { platform: formatPlatform(platform), name, candidates: labels },
    },
  )
}

/** The candidates of a platform: the same one, or where a header does not tell the variant, the same architecture. */
export function ofPlatform(candidates: readonly Candidate[], wanted: Platform): Candidate[] {
  const { os, architecture } = wanted
  const near = candidates.filter(
    ({ platform }) => platform.os === os && platform.architecture === architecture,
  )
  return preferred(near, ({ platform }) => samePlatform(platform, wanted))
}

function preferred(
  candidates: readonly Candidate[],
  isBetter: (candidate: Candidate) => boolean,
): Candidate[] {
  const better = candidates.filter(isBetter)
  return better.length > 0 ? better : [...candidates]
}

const distinct = (candidates: readonly Candidate[]): number =>
  new Set(candidates.map(({ digest }) => digest)).size

// Of equal bytes the ones that people download.
function best(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.find(({ artifact }) => artifact.kind === 'archive') ?? candidates[0]
}
