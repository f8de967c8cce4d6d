import { WaybillError, suggest, type ReleasePlan } from '@waybill/core'

/** What one cell of the matrix builds. */
export interface CellBuild {
  readonly component?: string | undefined
  readonly binary?: string | undefined
  readonly platforms?: readonly string[] | undefined
}

/**
 * Finds a cell of the plan's matrix.
 * @throws {ERR_UNKNOWN_CELL} with the nearest id.
 */
export function buildOf(id: string, plan: ReleasePlan): CellBuild {
  const cell = plan.matrix.find((each) => each.id === id)
  if (cell === undefined) {
    const known = plan.matrix.map((each) => each.id)
    throw new WaybillError(
      'ERR_UNKNOWN_CELL',
      `The plan has no cell "${id}"; ${suggest(id, known)}`,
      { outcome: 'usage', details: { id, known } },
    )
  }
  const { component, binary, platform } = cell
  return { component, binary, platforms: [platform] }
}
