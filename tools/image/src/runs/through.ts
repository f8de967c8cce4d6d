import { WaybillError, isDigest, type Digest, type ThroughCheck } from '@waybill/core'
import { identifyFile } from '../judge.ts'
import { type Image } from '@waybill/oci'
import { MOUNTED, readMember, follow, fileOf, type TreeNode } from '@waybill/oci/internal'

/** A program that may start before the proved one, or run beside it: an init, a script, a health check. */
export interface AcceptedProgram {
  /** Absolute in the image; links are followed. */
  readonly path: string
  /** What it is: one digest, or one for each platform where they differ. */
  readonly digest: Digest | readonly Digest[]
}

/** Checks what programs are accepted. @throws {ERR_INVALID_CONFIG} */
export function checkAccepted(accepted: readonly AcceptedProgram[]): void {
  for (const { path, digest } of accepted) {
    const digests = [digest].flat()
    const isAbsolute = typeof path === 'string' && path.startsWith('/')
    if (isAbsolute && digests.length > 0 && digests.every(isDigest)) continue
    throw new WaybillError(
      'ERR_INVALID_CONFIG',
      `image: expected through to be the absolute path of a program and its digest, found "${path}" and "${digests.join(', ')}"`,
      { hint: 'For example through: /init, digest: sha256:… (64 hex digits).', outcome: 'usage' },
    )
  }
}

/** The accepted program that a file of an image is, by its path; undefined where it is none. */
export function acceptedAt(
  root: TreeNode,
  node: TreeNode,
  accepted: readonly AcceptedProgram[],
): AcceptedProgram | undefined {
  return accepted.find(({ path }) => {
    const found = follow(root, path, MOUNTED)
    return found.node !== undefined && fileOf(found.node) === node
  })
}

/** What a program of an image is, as the proof states it. */
export async function readThrough(
  image: Image,
  node: TreeNode,
  { platform, path }: Pick<ThroughCheck, 'platform' | 'path'>,
): Promise<ThroughCheck> {
  const { digest } = await readMember(image.layers[node.layer]!, node.entry, ({ content }) =>
    identifyFile(content),
  )
  return { platform, path, digest }
}
