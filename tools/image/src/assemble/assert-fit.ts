import { WaybillError, createContext, formatPlatform } from '@waybill/core'
import { bytesReader, inspect } from '@waybill/binary'
import { checkFitImage } from '../fit/check-fit.ts'
import { recallBytes } from '../known-bytes.ts'
import type { PlatformBinary } from './binaries.ts'
import type { PlatformOptions } from './types.ts'
import type { Image } from '@waybill/oci'

/**
 * Refuses a binary that would not start on its base.
 * @throws {ERR_DOES_NOT_FIT} with every finding in `details`.
 */
export async function assertFit(
  binary: PlatformBinary,
  base: Image | 'scratch',
  options: PlatformOptions,
): Promise<void> {
  const bytes = recallBytes(binary.artifact)
  const file = bytes === undefined ? binary.file : bytesReader(bytes)
  const facts = await inspect(file, { name: binary.file })
  const { name } = binary.artifact
  const report = await checkFitImage(facts, base, { ...options, name })
  const errors = report.findings.filter(({ level }) => level === 'error')
  if (errors.length === 0) return
  const platform = formatPlatform(binary.platform)
  const reasons = errors.map(({ message }) => message).join('; ')
  if (options.fitWaived !== undefined) {
    const said = `${platform}: ${reasons}. Taken all the same: ${options.fitWaived}`
    return createContext(options).logger.warn(said)
  }
  const reference = options.base === 'scratch' ? 'scratch' : options.base.reference
  const [first] = errors
  throw new WaybillError(
    'ERR_DOES_NOT_FIT',
    `${platform}: ${name} would not start on ${reference}: ${reasons}`,
    {
      ...(first?.suggestion === undefined ? {} : { hint: first.suggestion }),
      details: { findings: report.findings, base: reference, platform },
    },
  )
}
