import {
  createContext,
  createReport,
  formatPlatform,
  mapLimit,
  type Content,
  type ContextOptions,
  type Report,
  type ThroughCheck,
} from '@waybill/core'
import { readImages } from '@waybill/oci'
import { checkRuns, type RunsOptions } from './check-runs.ts'
import { openImage } from './open-image.ts'
import { checkAccepted } from './through.ts'

export interface ImageRunsOptions extends ContextOptions, RunsOptions {
  /** Where the binary is in the image. */
  readonly path: string
}

/**
 * Says what an image runs beside the binary at a path, for every platform: programs between, code that is loaded into it, health checks. What
 * `checkIdentity` finds too; for an image that is not compared with anything. `checked` lists the programs that were accepted.
 * @throws {ERR_INVALID_CONFIG} {ERR_INVALID_IMAGE} {ERR_INVALID_LAYER} {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING}
 */
export async function checkImageRuns(
  content: Content,
  options: ImageRunsOptions,
): Promise<Report<ThroughCheck>> {
  const { jobs } = createContext(options)
  checkAccepted(options.through ?? [])
  const images = await readImages(content)
  const outcomes = await mapLimit(images, jobs, (image) => {
    const where = { platform: formatPlatform(image.platform), path: options.path }
    return checkRuns(openImage(image, content, options).contents, where, options)
  })
  return createReport(
    outcomes.flatMap(({ through }) => through),
    outcomes.flatMap(({ findings }) => findings),
  )
}
