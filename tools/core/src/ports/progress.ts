export interface StepState {
  readonly done?: number
  readonly total?: number
  /** What `done` and `total` count. @default 'items' */
  readonly unit?: 'bytes' | 'items'
  readonly note?: string
}

/** One piece of long work. Exactly one of `succeed` and `fail` ends it. */
export interface Step {
  update(state: StepState): void
  succeed(note?: string): void
  fail(note?: string): void
}

/** Where long work is shown: live on a terminal, as plain lines elsewhere. */
export interface Progress {
  start(title: string): Step
}

const ignore = (): void => {}
const silentStep: Step = { update: ignore, succeed: ignore, fail: ignore }

/** Shows nothing. */
export const silentProgress: Progress = { start: () => silentStep }

/** Runs work as one step: succeeds with what `note` makes of the result, fails with the error's message. */
export async function inStep<Result>(
  progress: Progress,
  title: string,
  work: (step: Step) => Promise<Result>,
  note?: (result: Result) => string,
): Promise<Result> {
  const step = progress.start(title)
  try {
    const result = await work(step)
    step.succeed(note?.(result))
    return result
  } catch (error) {
    step.fail(error instanceof Error ? error.message.split('\n')[0] : String(error))
    throw error
  }
}
