// A publisher as a process of its own, to be killed. Its only argument is what to publish, as JSON.
import { createHttpClient, type Destination } from '@waybill/core'
import { planPublish, publish } from '@waybill/publish'
import { destination } from '@waybill/registry'
import { createImage } from './destination.ts'
import { commitOf, release } from './release.ts'

/** What to publish, and where. */
export interface PublishOrder {
  /** References of repositories: `127.0.0.1:5000/acme/scim`. */
  readonly to: readonly string[]
  readonly version: string
  /** What the content is made from. @default the version */
  readonly seed?: string | undefined
  readonly journal?: string | undefined
  readonly lockFolder: string
  /** Whether the names are looked at again between planning and publishing. @default true, as the command line does where it asks nobody */
  readonly justPlanned?: boolean | undefined
}

/** Carries out an order with the registry's own client, blind to the machine's credentials. */
export async function carryOut({
  to,
  version,
  seed = version,
  justPlanned = true,
  ...options
}: PublishOrder): Promise<void> {
  const env = {}
  const http = createHttpClient({ env })
  const destinations: Record<string, Destination> = {}
  for (const reference of to) destinations[reference] = destination(reference, { env, http })
  const content = createImage(seed)
  const wanted = release(version, commitOf(version))
  try {
    const plan = await planPublish(wanted, content, { to: destinations })
    await publish(plan, { content, to: destinations, justPlanned, ...options })
  } finally {
    await http.close() // thousands of runs in one process would use up its files
  }
}

const order = process.argv[2]
if (import.meta.filename === process.argv[1] && order !== undefined)
  await carryOut(JSON.parse(order) as PublishOrder)
