import { WaybillError, parsePlatform, type Platform } from '@waybill/core'
import type { BinaryFacts } from './facts.ts'

/**
 * The platform a binary runs on, from its header alone.
 * @throws {ERR_UNKNOWN_PLATFORM} where its machine or system has no name.
 */
export function platformOf(facts: BinaryFacts): Platform {
  if (facts.platform !== null) return parsePlatform(facts.platform)
  throw new WaybillError(
    'ERR_UNKNOWN_PLATFORM',
    `A ${facts.format} binary for ${facts.machine} belongs to no platform that has a name`,
    { details: { format: facts.format, machine: facts.machine } },
  )
}
