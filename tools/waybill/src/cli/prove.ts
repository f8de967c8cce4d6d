import { resolve } from 'node:path'
import { type Content, type Context, type ProvenImage } from '@waybill/core'
import {
  findArtifacts,
  proveIdentity,
  readArtifacts,
  type ReadArtifacts,
  type RunsOptions,
} from '@waybill/image'

export interface ProveOptions extends RunsOptions {
  /** The released files: a folder or its SHA256SUMS. */
  readonly artifacts: string
  /** Where the binary is in the image. @default the program that the entrypoint runs */
  readonly path?: string | undefined
}

/** Finds and reads the released files that `--artifacts` names. */
export async function readReleased(artifacts: string, context: Context): Promise<ReadArtifacts> {
  const found = await findArtifacts(resolve(context.cwd, artifacts))
  return readArtifacts(found.artifacts, { ...context, out: found.folder })
}

/** Proves an image against released files, as `--artifacts` and `--path` name them. */
export async function proveAgainst(
  content: Content,
  { artifacts, path, through, strict }: ProveOptions,
  context: Context,
): Promise<ProvenImage> {
  const released = await readReleased(artifacts, context)
  return proveIdentity(content, released, { ...context, path, through, strict })
}
