/** A stage of a release and how long it took, in milliseconds. */
export interface StageRecord {
  readonly stage: string
  readonly duration: number
}

/** Measures the stages of a release: decide, base, compile, archive, assemble, prove, plan, publish. */
export interface Stages {
  readonly records: readonly StageRecord[]
  /** Does a stage's work; a stage that comes again adds to its time. */
  measure<Result>(stage: string, work: () => Promise<Result>): Promise<Result>
}

/** Starts measuring. */
export function createStages(): Stages {
  const durations = new Map<string, number>()
  return {
    get records() {
      return [...durations].map(([stage, duration]) => ({ stage, duration: Math.round(duration) }))
    },
    async measure(stage, work) {
      const started = performance.now()
      try {
        return await work()
      } finally {
        durations.set(stage, (durations.get(stage) ?? 0) + performance.now() - started)
      }
    },
  }
}
