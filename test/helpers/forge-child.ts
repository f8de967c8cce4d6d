// A publisher to a forge and a registry as a process of its own, to be killed. Its only argument is what to publish, as JSON.
import { planPublish, publish } from '@waybill/publish'
import { destination } from '@waybill/registry'
import { createImage } from './destination.ts'
import { pageOf } from './forge.ts'
import { lockFolder } from './release.ts'

/** What to publish, and where. */
export interface ForgeOrder {
  readonly api: string
  readonly registry: string
  /** `acme/scim-1`, at both. */
  readonly repository: string
  readonly version: string
  /** @default a folder of this process */
  readonly lockFolder?: string
}

/** Carries out an order. */
export async function carryOutPage(order: ForgeOrder): Promise<void> {
  const { api, registry, repository, version } = order
  const { page, release } = pageOf({ api }, version, { repository })
  const image = destination(`${registry}/${repository}`, { env: {} })
  const content = createImage(version)
  const to = { page, image }
  const plan = await planPublish(release, content, { to })
  await publish(plan, { content, to, lockFolder: order.lockFolder ?? lockFolder })
}

const order = process.argv[2]
if (import.meta.filename === process.argv[1] && order !== undefined)
  await carryOutPage(JSON.parse(order) as ForgeOrder)
