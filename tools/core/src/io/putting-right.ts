let underWay = 0

/** Runs work that is finished even after a run was cancelled, since it puts right what is half done: the end of the run waits for it longer. */
export async function puttingRight<Result>(work: () => Promise<Result>): Promise<Result> {
  underWay++
  try {
    return await work()
  } finally {
    underWay--
  }
}

/** Whether something is being put right at this moment. */
export const isPuttingRight = (): boolean => underWay > 0
