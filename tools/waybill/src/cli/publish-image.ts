import { deferRejection, type Content, type ProvenImage } from '@waybill/core'
import { readImages } from '@waybill/oci'
import { proveIdentity, waiveIdentity, type ReadArtifacts } from '@waybill/image'
import { gitRemote, planPublish, type Publishable } from '@waybill/publish'
import { carryOut, type CarriedOut, type PublishCall } from './carry-out.ts'
import { readReleased } from './prove.ts'
import { checkPublishOptions } from './publish-checks.ts'
import { givenDestinations } from '@waybill/release'
import { registryAccess } from './options.ts'

/** An image at hand, from whatever source. */
export interface ImageAtHand {
  readonly content: Content
  /** The released files of `--artifacts`, where somebody has begun to read them. */
  readonly released?: Promise<ReadArtifacts> | undefined
}

/**
 * Proves an image, plans its names and publishes it, as the options say; a dry run ends with the plan. Destinations are asked while an
 * image that was promised is still being made.
 * @throws what `checkPublishOptions` and `carryOut` throw.
 */
export async function publishImage(
  image: ImageAtHand | Promise<ImageAtHand>,
  call: PublishCall,
): Promise<CarriedOut> {
  const { context, options } = call
  checkPublishOptions(options)
  const proving = deferRejection(prove(image, call))
  const access = registryAccess(context, options)
  const given = givenDestinations(options.to ?? [], options.optional ?? [], access)
  const to = options.git === undefined ? given : { ...given, git: gitRemote(options.git, context) }
  const { tagPrefix, channel, yanked } = options
  // Who only looks at a plan need not be allowed to carry it out.
  const preflight = options.dryRun !== true
  const naming = { ...context, to, tagPrefix, channel, yanked, preflight }
  const plan = await planPublish(await publishable(image, call), proving, naming)
  return carryOut({ plan, proven: await proving, to, justPlanned: true }, call)
}

async function prove(
  image: ImageAtHand | Promise<ImageAtHand>,
  { context, options }: PublishCall,
): Promise<ProvenImage> {
  const { content, released } = await image
  const { artifacts, waiveIdentity: reason, path, through, strict } = options
  if (reason !== undefined) return waiveIdentity(content, { reason })
  const files = deferRejection(released ?? readReleased(artifacts!, context))
  return proveIdentity(content, files, { ...context, path, through, strict })
}

async function publishable(
  image: ImageAtHand | Promise<ImageAtHand>,
  { options }: PublishCall,
): Promise<Publishable> {
  const { version, gitTag } = options
  const commit = options.commit ?? (await revisionOf((await image).content))
  return {
    version: version!,
    ...(commit === undefined ? {} : { commit }),
    ...(gitTag === undefined ? {} : { tag: gitTag }),
  }
}

const REVISION = 'org.opencontainers.image.revision'

async function revisionOf(content: Content): Promise<string | undefined> {
  const images = await readImages(content, { others: 'leave-out' }) // what else is there the proof says
  const revision = images[0]?.config.config?.Labels?.[REVISION]
  return revision !== undefined && /^[0-9a-f]{7,64}$/.test(revision) ? revision : undefined
}
