import type { Progress } from '@waybill/core'

/** A finished step and how long it took, in milliseconds. */
export interface StepRecord {
  readonly title: string
  readonly duration: number
  readonly ok: boolean
}

/** Passes progress on and remembers each finished step. */
export function recordSteps(progress: Progress): {
  readonly progress: Progress
  readonly steps: readonly StepRecord[]
} {
  const steps: StepRecord[] = []
  return {
    steps,
    progress: {
      start(title) {
        const started = performance.now()
        const inner = progress.start(title)
        const end = (ok: boolean): void =>
          void steps.push({ title, duration: Math.round(performance.now() - started), ok })
        return {
          update: (state) => inner.update(state),
          succeed: (note) => {
            end(true)
            inner.succeed(note)
          },
          fail: (note) => {
            end(false)
            inner.fail(note)
          },
        }
      },
    },
  }
}
