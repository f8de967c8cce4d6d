import { spawnSync } from 'node:child_process'

/** A program to time as a whole process. */
export interface Contender {
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
}

/** Milliseconds of each contender's median run, the runs taken in turn so that a drifting machine touches all alike. */
export function medianOf(contenders: readonly Contender[], runs: number): Map<string, number> {
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]))
  for (let run = -1; run < runs; run++) {
    for (const { name, file, args } of contenders) {
      const started = performance.now()
      const { status, stderr } = spawnSync(file, args, { encoding: 'utf8' })
      if (status !== 0) throw new Error(`${file} ${args.join(' ')}: exit ${status}\n${stderr}`)
      if (run >= 0) times.get(name)!.push(performance.now() - started) // the first run only warms up
    }
  }
  return new Map([...times].map(([name, taken]) => [name, median(taken)]))
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}
