import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Content, Destination, Destinations, ProvenImage, PublishPlan } from '@waybill/core'
import { waiveIdentity } from '@waybill/oci'
import { assertPlanDigest, gitRemote, parsePlan } from '@waybill/publish'
import { destination, type RepositoryOptions } from '@waybill/registry'
import { carryOut, type Published, type PublishCall } from './carry-out.ts'
import { withContent } from './open-image.ts'
import { proveAgainst } from './prove.ts'
import { checkPublishOptions } from './publish-checks.ts'
import { registryAccess } from './options.ts'
import { mergeAccepted } from './runs-options.ts'

/**
 * Publishes exactly what a written plan says: to its destinations, under its names, the image it was made for and no other. The proof
 * is made again; only a waiver is taken from the plan.
 * @throws {ERR_INVALID_PLAN} {ERR_PLAN_MISMATCH} {ERR_STALE_PLAN}, and what publishing throws.
 */
export async function publishPlan(
  image: string | undefined,
  file: string,
  call: PublishCall,
): Promise<Published> {
  const { context, options } = call
  checkPublishOptions(options)
  const plan = parsePlan(await readFile(resolve(context.cwd, file)), file)
  assertPlanDigest(plan, options.planDigest)
  const access = registryAccess(context, options)
  const to = plannedDestinations(plan, access)
  return withContent(image ?? context.out, access, async (content) => {
    const proven = await proveAsPlanned(content, plan, call)
    return carryOut({ plan, proven, to }, call)
  })
}

function proveAsPlanned(
  content: Content,
  { proof }: PublishPlan,
  { context, options }: PublishCall,
): ProvenImage | Promise<ProvenImage> {
  if (proof.kind === 'waived') return waiveIdentity(content, { reason: proof.reason })
  const path = options.path ?? (proof.kind === 'identity' ? proof.checked[0]?.path : undefined)
  const through = proof.kind === 'identity' ? mergeAccepted(proof.through ?? []) : []
  const { artifacts = context.out, strict } = options
  return proveAgainst(content, { artifacts, path, through, strict }, context)
}

function plannedDestinations(plan: PublishPlan, access: RepositoryOptions): Destinations {
  const made = Object.entries(plan.destinations).flatMap(([name, { kind, required }]) => {
    const options = { ...access, required }
    const found: Destination[] = []
    if (kind === 'oci') found.push(destination(name, options))
    if (kind === 'git') found.push(gitRemote(name.replace(/^git:/, ''), options))
    return found.map((one) => [name, one] as const)
  })
  return Object.fromEntries(made)
}
