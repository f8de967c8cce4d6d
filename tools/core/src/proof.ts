import type { Artifact } from './artifact.ts'
import type { Content } from './content.ts'
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

/** What may be published. Made only by `proveIdentity` and `waiveIdentity`, and by `releasedFiles` where there is no image. */
export interface ProvenImage {
  readonly [brand]: true
  readonly content: Content
  readonly proof: Proof
  /** The released files the image was compared with. */
  readonly artifacts: readonly Artifact[]
}

// Membership can't be forged by a look-alike object, so JavaScript callers are held to the proof as well.
const proven = new WeakSet<object>()

/** Seals a proof; for those who make one, which is why the facade does not export it. */
export function sealProof(
  content: Content,
  proof: Proof,
  artifacts: readonly Artifact[],
): ProvenImage {
  const image = Object.freeze({ content, proof, artifacts }) as unknown as ProvenImage
  proven.add(image)
  return image
}

/**
 * Checks that an image came out of `proveIdentity` or `waiveIdentity`.
 * @throws {ERR_UNPROVEN}
 */
export function assertProven(image: unknown): asserts image is ProvenImage {
  if (typeof image === 'object' && image !== null && proven.has(image)) return
  throw new WaybillError('ERR_UNPROVEN', 'The image was not proved to hold the released bytes', {
    hint: 'Pass it through proveIdentity(image, artifacts), or waiveIdentity(image, { reason }); on the command line --artifacts DIR or --waive-identity REASON.',
  })
}
