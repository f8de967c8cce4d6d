import type { MatrixCell } from '@waybill/core'

/** The CI engines whose matrix a plan can be written as. */
export const ENGINES = ['github', 'gitlab', 'tekton'] as const
export type Engine = (typeof ENGINES)[number]

/**
 * Writes the cells of a plan as the matrix that an engine takes: GitHub's `strategy.matrix`, GitLab's `parallel:matrix`, the `matrix` of a Tekton pipeline
 * task. A job of each runs `waybill build --cell` with its cell's id.
 */
export function engineMatrix(cells: readonly MatrixCell[], engine: Engine): unknown {
  switch (engine) {
    case 'github':
      return { include: cells }
    // Its values are texts, and become variables of the job.
    case 'gitlab':
      return cells.map(({ id, platform }) => ({ WAYBILL_CELL: id, WAYBILL_PLATFORM: platform }))
    // Its values are texts too: docs of Tekton, "Matrix", "Specifying `matrix.include`".
    case 'tekton':
      return {
        include: cells.map(({ id, platform }) => ({
          name: id,
          params: Object.entries({ cell: id, platform }).map(([name, value]) => ({ name, value })),
        })),
      }
  }
}
