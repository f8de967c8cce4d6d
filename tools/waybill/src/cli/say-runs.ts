import type { Context } from '@waybill/core'
import { assertRuns, checkImageRuns, type AssembledImage } from '@waybill/image'
import type { RunsValues } from './runs-options.ts'

/** Says what an assembled image runs beside its binary. @throws {ERR_RUNS_OTHER} with `--strict`, and for an accepted program that is another. */
export async function sayRuns(
  { content, path }: Pick<AssembledImage, 'content' | 'path'>,
  { through, strict }: RunsValues,
  context: Context,
): Promise<void> {
  const report = await checkImageRuns(content, { ...context, path, through, strict })
  for (const { level, message, code } of report.findings)
    if (level === 'warning') context.logger.warn(`${message} [${code}]`)
  assertRuns(report)
}
