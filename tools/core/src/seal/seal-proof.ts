import type { Artifact } from '../values/artifact.ts'
import type { Content } from '../values/content.ts'
import { noteCopy } from '../values/copies.ts'
import { plainCopy } from '../values/plain-copy.ts'
import { proven, type Proof, type ProvenImage } from '../values/proof.ts'
import { sealContent } from './seal-content.ts'

/**
 * Seals a proof over a private copy of everything. Only for the packages that make proofs, which is why the package's main entry does not
 * have it: whoever compares bytes must compare those of the same sealed content (`sealContent`).
 */
export function sealProof(
  content: Content,
  proof: Proof,
  artifacts: readonly Artifact[],
): ProvenImage {
  const own = {
    content: sealContent(content),
    ...plainCopy({ proof, artifacts: artifacts.map(asReleased) }),
  }
  const image = Object.freeze(own) as unknown as ProvenImage
  proven.add(image)
  noteCopy()
  return image
}

// How it was compiled is stated in the receipt; a plan says what shall be, and is the same plan wherever it was built.
function asReleased(artifact: Artifact): Artifact {
  const { compilerCache: _, ...released } = artifact
  return released
}
