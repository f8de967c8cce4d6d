import { resolve } from 'node:path'
import {
  isWaybillError,
  readFileUpTo,
  WaybillError,
  type Content,
  type Destination,
  type Destinations,
  type Proof,
  type ProvenImage,
  type PublishPlan,
} from '@waybill/core'
import { waiveIdentity } from '@waybill/image'
import { gitRemote, parsePlan } from '@waybill/publish'
import { destination, type RepositoryOptions } from '@waybill/registry'
import { carryOut, type CarriedOut, type PublishCall } from './carry-out.ts'
import { withContent } from './open-image.ts'
import { proveAgainst } from './prove.ts'
import { registryAccess } from './options.ts'
import { checkProofOptions, checkPublishOptions } from './publish-checks.ts'
import { mergeAccepted } from './runs-options.ts'

// Thousands of files and names.
const LARGEST = 16 * 1024 * 1024

/**
 * Publishes exactly what a written plan says: to its destinations, under its names, the image it was made for and no other. The proof
 * is made again, at the path that the image itself runs unless the call names another; a waiver counts only where the call says so too.
 * @throws {ERR_INVALID_PLAN} {ERR_PLAN_MISMATCH} {ERR_STALE_PLAN} {ERR_UNPROVEN}, and what publishing throws.
 */
export async function publishPlan(
  image: string | undefined,
  file: string,
  call: PublishCall,
): Promise<CarriedOut> {
  const { context, options } = call
  checkPublishOptions(options)
  const { planDigest } = options
  const plan = parsePlan(await readFileUpTo(resolve(context.cwd, file), LARGEST), file, {
    planDigest,
  })
  checkProofOptions(plan, options, file)
  const access = registryAccess(context, options)
  const to = plannedDestinations(plan, access)
  return withContent(image ?? context.out, access, async (content) => {
    const proven = await proveAsPlanned(content, plan, call)
    return carryOut({ plan, proven, to }, call)
  })
}

async function proveAsPlanned(
  content: Content,
  { proof }: PublishPlan,
  { context, options }: PublishCall,
): Promise<ProvenImage> {
  if (proof.kind === 'waived') return waiveIdentity(content, { reason: proof.reason })
  const { artifacts = context.out, path, strict } = options
  const through = proof.kind === 'identity' ? mergeAccepted(proof.through ?? []) : []
  const proving = proveAgainst(content, { artifacts, path, through, strict }, context)
  return path === undefined ? proving.catch((error: unknown) => reject(error, proof)) : proving
}

// The file alone does not say where to look: whoever made it could have put a decoy there.
function reject(error: unknown, proof: Proof): never {
  const planned = proof.kind === 'identity' ? proof.checked[0]?.path : undefined
  const isOfPath =
    isWaybillError(error, 'ERR_NO_PATH') || isWaybillError(error, 'ERR_NOT_IDENTICAL')
  if (!isOfPath || planned === undefined) throw error
  const { code, message, details, outcome, hint = '' } = error
  throw new WaybillError(code as `ERR_${string}`, message, {
    hint: `${hint} The plan was made for ${planned}: where that is the program you mean, give --path ${planned}.`,
    details,
    outcome,
    cause: error,
  })
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
