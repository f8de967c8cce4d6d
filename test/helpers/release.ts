import { join } from 'node:path'
import {
  digestOf as sha256,
  WaybillError,
  type Destinations,
  type Receipt,
  type Release,
} from '@waybill/core'
import { planPublish, publish } from '@waybill/publish'
import { createDestination, createImage, type Call, type TestDestination } from './destination.ts'
import { temporaryFolder } from './temporary.ts'

export const folder = temporaryFolder('publish')
export const lockFolder = join(folder, 'locks')

export const release = (version: string, commit = '1a2b3c4d'.repeat(5)): Release => ({
  component: 'scim',
  path: 'services/scim',
  version,
  tag: `scim-v${version}`,
  commit,
  created: 1_700_000_000,
})

export interface Pair {
  readonly hub: TestDestination
  readonly ghcr: TestDestination
}

export const pair = (): Pair => ({
  hub: createDestination('docker.io/acme/scim'),
  ghcr: createDestination('ghcr.io/acme/scim'),
})

export interface Once {
  readonly seed?: string
  readonly journal?: string
}

export async function once(
  version: string,
  to: Destinations,
  { seed = version, journal }: Once = {},
): Promise<Receipt> {
  const content = createImage(seed)
  const plan = await planPublish(release(version, commitOf(seed)), content, { to })
  return publish(plan, { content, to, lockFolder, journal })
}

export const commitOf = (seed: string): string => sha256(seed).slice(7, 47)
export const digestOf = (seed: string): string => createImage(seed).content.subject.digest
export const tagsOf = ({ tags }: TestDestination): Record<string, string> =>
  Object.fromEntries([...tags].toSorted())

/** Makes the matching calls fail, before they take effect or after. */
export function failAt(
  destination: TestDestination,
  match: (call: Call) => boolean,
  side = 'before',
): void {
  destination.watch = {
    [side](call: Call) {
      if (match(call)) throw new WaybillError('ERR_NETWORK', 'no answer', { outcome: 'unknown' })
    },
  }
}

/** From the matching call on the destination answers nothing, as if the process were gone. */
export function kill(destination: TestDestination, match: (call: Call) => boolean): void {
  let dead = false
  destination.watch = {
    before(call) {
      dead ||= match(call)
      if (dead) throw new Error('killed')
    },
  }
}
