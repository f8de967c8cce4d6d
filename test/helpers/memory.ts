import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Collects what waits to be collected, so that memory measured next is memory that is held. */
export const collectGarbage = (): void => collect()

/** The most memory this process ever held, in MB. */
export const peakMemory = (): number => process.resourceUsage().maxRSS / 1024
