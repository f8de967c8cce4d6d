import type { Logger } from '@waybill/core'
import { commandHook, type Hook } from '@waybill/publish'
import type { ImageEntry } from '../definition/types.ts'

/** What an image's entry runs before its rolling names move. */
export function definedHooks({ beforeRolling = [] }: ImageEntry): readonly Hook[] {
  return beforeRolling.map(commandHook)
}

/** A rehearsal touches nothing outside, and nobody knows what a hook touches: it says what it leaves out. */
export function skippedHooks({ beforeRolling = [] }: ImageEntry, logger: Logger): readonly Hook[] {
  for (const command of beforeRolling)
    logger.info(`not run in a rehearsal: ${command.join(' ')} (beforeRolling)`)
  return []
}
