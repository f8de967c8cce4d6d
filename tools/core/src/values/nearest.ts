import { distance } from 'fastest-levenshtein'

/** How many letters have to be put in, taken out or replaced to make one text of the other. */
export const lettersApart = (one: string, other: string): number => distance(one, other)

/** The candidate nearest to a mistyped name, or undefined when none is near (at most a third of the letters differ, two at least). */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(2, Math.floor(name.length / 3))
  let best: { candidate: string; steps: number } | undefined
  for (const candidate of candidates) {
    const steps = distance(name.toLowerCase(), candidate.toLowerCase())
    if (steps <= limit && (best === undefined || steps < best.steps)) best = { candidate, steps }
  }
  return best?.candidate
}

/** The end of an error sentence: `; did you mean "x"?`, or the list of what is valid. */
export function suggest(name: string, candidates: readonly string[]): string {
  const near = nearest(name, candidates)
  if (near !== undefined) return `did you mean "${near}"?`
  return `expected one of ${candidates.map((candidate) => `"${candidate}"`).join(', ')}`
}
