export * from './artifact.ts'
export * from './bytes.ts'
export * from './cancel.ts'
export * from './canonical-json.ts'
export * from './concurrency.ts'
export * from './content.ts'
export * from './context.ts'
export * from './decision.ts'
export { describe, digestMismatch, verified, type Descriptor } from './descriptor.ts'
export * from './destination.ts'
export * from './digest.ts'
export * from './digest-file.ts'
export * from './error.ts'
export * from './exec.ts'
export * from './file-lock.ts'
export * from './files.ts'
export * from './find-program.ts'
export * from './find-repository.ts'
export * from './inside.ts'
export * from './open-file.ts'
export * from './open-inside.ts'
export * from './write-named-file.ts'
export * from './finding.ts'
export * from './hashed.ts'
export * from './hide-credentials.ts'
export {
  createGit,
  initBareRepository,
  type Git,
  type GitCall,
  type GitContext,
} from './git/git.ts'
export * from './http-errors.ts'
export * from './http.ts'
export * from './http-proxy.ts'
export { impatient, waitForHost, type FailedTry, type Patience } from './http-patience.ts'
export { LONGEST_WAIT, header, isWorthRetrying, pause, retryAfter } from './http-retry.ts'
export * from './http-trusting.ts'
export * from './in-time.ts'
export { FREE_BELOW, foldKey, freeKeys, knows, type JsonShape } from './json-keys.ts'
export * from './image-shapes.ts'
export * from './logger.ts'
export * from './mask-secrets.ts'
export * from './may-follow.ts'
export * from './nearest.ts'
export * from './parse-json.ts'
export * from './plain-copy.ts'
export * from './plan.ts'
export * from './platform.ts'
export * from './progress.ts'
export {
  assertProven,
  type IdentityCheck,
  type ThroughCheck,
  type Proof,
  type ProvenImage,
} from './proof.ts'
export * from './prune-folder.ts'
export * from './putting-right.ts'
export * from './receipt.ts'
export * from './ref-name.ts'
export * from './release.ts'
export * from './template.ts'
export * from './visible-text.ts'
