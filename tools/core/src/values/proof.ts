import type { Artifact } from './artifact.ts'
import type { Content } from './content.ts'
import { otherCopies } from './copies.ts'
import type { Digest } from './digest.ts'
import { WaybillError } from './error.ts'

/** One platform's file, compared: the digests of the file in the image and of the released binary. */
export interface IdentityCheck {
  readonly platform: string
  /** The path in the image. */
  readonly path: string
  readonly image: Digest
  readonly released: Digest
  /** The released file that was compared: `hello-x86_64-linux.tar.gz`, or `….tar.gz!hello` for a file inside it. */
  readonly artifact?: string
}

/** A program that starts before the released one, or runs beside it, and was accepted by its digest. */
export interface ThroughCheck {
  readonly platform: string
  /** The path in the image, as it was accepted. */
  readonly path: string
  readonly digest: Digest
}

/** Why content may be published: its bytes were compared, somebody gave a reason not to, or it is files alone and there is no image. */
export type Proof =
  | {
      readonly kind: 'identity'
      readonly checked: readonly IdentityCheck[]
      /** Where programs were accepted. */
      readonly through?: readonly ThroughCheck[]
    }
  | { readonly kind: 'waived'; readonly reason: string }
  | { readonly kind: 'files' }

declare const brand: unique symbol

/**
 * What may be published. Made only by `proveIdentity` and `waiveIdentity`, and by `releasedFiles` where there is no image. It is a copy of its
 * own: what is done to the content it was made from, or to the released files, changes nothing in it, and what is read from its content
 * is hashed on the way.
 */
export interface ProvenImage {
  readonly [brand]: true
  readonly content: Content
  readonly proof: Proof
  /** The released files the image was compared with. */
  readonly artifacts: readonly Artifact[]
}

/**
 * Those that were sealed here. An object that only looks like one is refused, so that a caller in JavaScript is held to the proof
 * as one in TypeScript is. That guards against mistakes: code in the same process that means to can do anything.
 */
export const proven: WeakSet<object> = new WeakSet()

/**
 * Checks that an image came out of `proveIdentity` or `waiveIdentity`, of this very copy of the package.
 * @throws {ERR_UNPROVEN}
 */
export function assertProven(image: unknown): asserts image is ProvenImage {
  if (typeof image === 'object' && image !== null && proven.has(image)) return
  const others = otherCopies()
  if (others !== undefined) throw fromElsewhere(others)
  throw new WaybillError('ERR_UNPROVEN', 'The image was not proved to hold the released bytes', {
    hint: 'Pass it through proveIdentity(image, artifacts), or waiveIdentity(image, { reason }); on the command line --artifacts DIR or --waive-identity REASON.',
  })
}

function fromElsewhere({ own, others }: NonNullable<ReturnType<typeof otherCopies>>): WaybillError {
  return new WaybillError(
    'ERR_UNPROVEN',
    `This copy of @waybill/core (${own}) did not prove the image to hold the released bytes, and another copy is loaded that makes proofs: ${others.join(', ')}`,
    {
      hint: 'Two copies of @waybill/core are loaded, and each trusts its own proofs alone: install one version of all packages of Waybill (`npm ls @waybill/core` shows them, `npm dedupe` joins them).',
      details: { own, others },
    },
  )
}
