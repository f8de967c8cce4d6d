import { isDigest, type Digest } from './digest.ts'

/**
 * What a name points at: content by its digest, a commit by its full object name (`gitCommit:…`, SLSA's word for it), or a release
 * of a forge by its tag (`release:…`).
 */
export type NamedDigest = Digest | `gitCommit:${string}` | `release:${string}`

/** Tells what a name can point at from any other value. */
export function isNamedDigest(value: unknown): value is NamedDigest {
  if (isDigest(value)) return true
  return typeof value === 'string' && /^(?:gitCommit:[0-9a-f]{40,64}|release:[!-~]+)$/.test(value)
}
