// A publisher to a forge and a registry as a process of its own, to be killed. Its only argument is what to publish, as JSON.
import { createHttpClient } from '@waybill/core'
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
  const http = createHttpClient({ env: {} })
  const { page, release } = pageOf({ api }, version, { repository, http })
  const image = destination(`${registry}/${repository}`, { env: {}, http })
  const content = createImage(version)
  const to = { page, image }
  try {
    const plan = await planPublish(release, content, { to })
    const options = { lockFolder: order.lockFolder ?? lockFolder, justPlanned: true }
    await publish(plan, { content, to, ...options })
  } finally {
    await http.close() // thousands of runs in one process would use up its files
  }
}

const order = process.argv[2]
if (import.meta.filename === process.argv[1] && order !== undefined)
  await carryOutPage(JSON.parse(order) as ForgeOrder)
