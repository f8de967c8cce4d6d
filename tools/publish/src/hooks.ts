import { expandTemplate, type Context, type NamedDigest, type PublishPlan } from '@waybill/core'
import { runHook } from './run-hook.ts'

/** What a hook is told: the immutable names stand, verified, at every required destination. */
export interface PublishedContent {
  readonly plan: PublishPlan
  /** The image at each OCI destination: `ghcr.io/acme/scim@sha256:…`. A signature names these, never a tag. */
  readonly images: readonly string[]
}

/** Runs between the immutable and the rolling names. It may run again when a killed run is finished, so it must bear that. */
export type Hook = (published: PublishedContent, context: Context) => Promise<void> | void

/**
 * A hook that runs a program once for every image, with `{image}` in its arguments replaced by `name@digest`; without any
 * `{image}` it is added as the last argument. What the program says is shown, with the secrets of the environment masked.
 */
export function commandHook(command: readonly [string, ...string[]]): Hook {
  const [file, ...rest] = command
  const args = command.some((part) => part.includes('{image}')) ? rest : [...rest, '{image}']
  return async ({ images }, context) => {
    for (const image of images) {
      const filled = args.map((part) => expandTemplate(part, { image }, `the hook ${file}`))
      await runHook(file, filled, context)
    }
  }
}

/** The images of a plan, by digest. */
export function imagesOf(
  destinations: Iterable<
    readonly [string, { readonly kind: string; readonly digest: NamedDigest }]
  >,
): readonly string[] {
  return [...destinations]
    .filter(([, { kind }]) => kind === 'oci')
    .map(([name, { digest }]) => `${name}@${digest}`)
}
