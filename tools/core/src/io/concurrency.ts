/** Maps with at most `limit` calls under way, keeping the order; the first failure is thrown after the running ones have settled. */
export async function mapLimit<Item, Result>(
  items: readonly Item[],
  limit: number,
  map: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  let failed = false
  async function worker(): Promise<void> {
    while (next < items.length && !failed) {
      const index = next++
      try {
        results[index] = await map(items[index]!, index)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const workers = Array.from({ length: Math.min(Math.max(1, limit), items.length) }, worker)
  const settled = await Promise.allSettled(workers)
  const failure = settled.find((worker) => worker.status === 'rejected')
  if (failure !== undefined) throw failure.reason
  return results
}

/** Work that is under way and waited for later: its failure is told there, and until then it is no unhandled one. */
export function deferRejection<Result>(work: Promise<Result>): Promise<Result> {
  work.catch(() => {})
  return work
}
