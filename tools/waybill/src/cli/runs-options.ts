import { InvalidArgumentError, type Command } from 'commander'
import { isDigest, type Digest } from '@waybill/core'
import type { AcceptedProgram } from '@waybill/image'

/** `--strict`, as the command line gave it. */
export interface StrictValues {
  readonly strict?: boolean
}

/** The options that say what an image may run beside its binary. */
export interface RunsValues extends StrictValues {
  readonly through?: readonly AcceptedProgram[]
}

/** Adds `--strict`. */
export function strictOption(command: Command): void {
  command.option(
    '--strict',
    'warnings about what the image runs are errors; every layer is read to know',
  )
}

/** Adds the options that say what an image may run beside its binary. */
export function runsOptions(command: Command): void {
  command.option(
    '--through <path=digest>',
    'accept a program that starts before the binary, or runs beside it: /init=sha256:…; may be repeated',
    accepted,
  )
  strictOption(command)
}

/** Collects PATH=DIGEST; a path that comes again may be either of its digests. */
export function accepted(
  text: string,
  before: readonly AcceptedProgram[] = [],
): readonly AcceptedProgram[] {
  const at = text.lastIndexOf('=')
  const [path, digest] = [text.slice(0, at), text.slice(at + 1)]
  if (at < 1 || !path.startsWith('/') || !isDigest(digest))
    throw new InvalidArgumentError(
      `Expected the absolute path of a program and its digest, as /init=sha256:… (64 hex digits), found "${text}".`,
    )
  return mergeAccepted([...before, { path, digest }])
}

/** Joins the digests of each path. */
export function mergeAccepted(programs: readonly AcceptedProgram[]): readonly AcceptedProgram[] {
  const digests = new Map<string, readonly Digest[]>()
  for (const { path, digest } of programs)
    digests.set(path, [...(digests.get(path) ?? []), ...[digest].flat()])
  return [...digests].map(([path, all]) => ({ path, digest: [...new Set(all)] }))
}
