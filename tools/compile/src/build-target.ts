import { chmod, lstat, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  WaybillError,
  digestOf,
  formatPlatform,
  insideFolder,
  isDiskFull,
  isWaybillError,
  verified,
  withFileLocks,
  writeFileAtomic,
  type Artifact,
  type Cache,
  type CacheQuestion,
  type Context,
  type FileLockOptions,
  type Release,
  type Step,
} from '@waybill/core'
import { describeBuilt, findBuilt, keepBuilt, type Built, type CompilerCache } from './cache.ts'
import { checkBinary } from './check-binary.ts'
import { createCompilerCaches, type CompilerCaches } from './compiler-caches.ts'
import { readPieces } from './read-pieces.ts'
import { sourceDigest } from './source-digest.ts'
import { platformFolder } from './targets.ts'
import { createTools } from './tools.ts'
import type { BuildJob, BuildSource, BuildTarget, Tool, Toolchain, Tools } from './toolchain.ts'

/** What all platforms of one build share. */
export interface BuildPlan {
  readonly release: Release
  readonly toolchain: Toolchain
  readonly tool: Tool
  readonly source: BuildSource
  /** Null for no cache. */
  readonly cache: Cache | null
  /** Cores for each platform. */
  readonly jobs: number
}

export interface BuildTargetOptions {
  readonly context: Context
  readonly step: Step
}

/** A binary in its place. */
export interface BuiltTarget {
  readonly artifact: Artifact
  /** Whether it was there before. */
  readonly cached: boolean
}

/** Builds one platform's binary, or takes it from the cache, and puts it in its place. */
export async function buildTarget(
  plan: BuildPlan,
  target: BuildTarget,
  options: BuildTargetOptions,
): Promise<BuiltTarget> {
  const { cache } = plan
  const entry = cache && { cache, question: await questionOf(plan, target, options.context) }
  const takeKept = async (): Promise<BuiltTarget | undefined> => {
    const kept = entry && (await findBuilt(entry.cache, entry.question))
    if (kept === undefined || kept === null) return undefined
    return { artifact: await place(plan, target, kept, options.context), cached: true }
  }
  const build = (): Promise<BuiltTarget> =>
    inScratch(async (scratch) => {
      const built = await buildFresh(plan, target, scratch, options)
      if (entry !== null) await keepBuilt(entry.cache, entry.question, built)
      return { artifact: await place(plan, target, built, options.context), cached: false }
    })
  // Two processes that build the same source would write into each other's files: the second waits, and finds it built.
  return (
    (await takeKept()) ??
    withFileLocks(lockNames(plan, target), lockOptions(plan, options), async () => {
      return (await takeKept()) ?? build()
    })
  )
}

function lockNames({ source, toolchain }: BuildPlan, { platform }: BuildTarget): readonly string[] {
  return [`build:${source.folder}:${toolchain.binary}:${platformFolder(platform)}`]
}

function lockOptions(
  { source, toolchain }: BuildPlan,
  { context, step }: BuildTargetOptions,
): FileLockOptions {
  return {
    purpose: `building ${toolchain.binary} in ${source.folder}`,
    signal: context.signal,
    wait: Infinity,
    onWait: ({ pid }) => step.update({ note: `waiting for process ${pid}, which builds the same` }),
  }
}

/** Builds into `scratch` and checks what came out; compilers find what they made before in the plan's cache, unless that has no room left. */
export async function buildFresh(
  plan: BuildPlan,
  target: BuildTarget,
  scratch: string,
  options: BuildTargetOptions,
): Promise<Built> {
  const { release, toolchain, tool, source, jobs } = plan
  const output: Uint8Array[] = []
  const tools = createTools(options.context, {
    created: release.created,
    cache: plan.cache,
    cwd: source.folder,
    onOutput(chunk) {
      output.push(chunk)
      const note = lastLine(chunk)
      if (note !== '') options.step.update({ note })
    },
  })
  const { signal } = options.context
  const file = join(scratch, target.file)
  const said = (): string => Buffer.concat(output).toString('utf8')
  const attempt = async (cache: Cache | null): Promise<CompilerCache | undefined> => {
    const caches = createCompilerCaches({ cache, scratch, signal })
    const kept = await caches.keep(keptName(plan, target), { root: source.root })
    const work = await mkdtemp(join(scratch, 'work-'))
    const job = { release, source, target, tool, kept, jobs, sharedCache: sharedIn(caches, tools) }
    await toolchain.build({ ...tools, ...job, scratch: work, output: file })
    return caches.from()
  }
  const from = await attempt(plan.cache)
    .catch((error: unknown) => {
      if (plan.cache === null || !(isDiskFull(error) || NO_ROOM.test(said()))) throw error
      plan.cache.sayNotKept(error)
      output.length = 0
      return attempt(null)
    })
    .catch((error: unknown) => {
      throw buildFailed(plan, target, said(), error)
    })
  const built = await describeBuilt(file).catch((error: unknown) => {
    throw nothingWritten(plan, target, error)
  })
  await checkBinary(file, target, toolchain.expect(target))
  await chmod(file, 0o755)
  return from === undefined ? built : { ...built, compilerCache: from }
}

// What compilers say where a disk is full.
const NO_ROOM = /no ?space ?left|ENOSPC|disk quota/i

// Of one checkout alone: compilers go by the times of files, and a path says which.
function keptName({ toolchain, source }: BuildPlan, { platform }: BuildTarget): string {
  const place = digestOf(source.root).slice('sha256:'.length).slice(0, 16)
  return `${toolchain.name}-${platformFolder(platform)}-${place}`
}

const sharedIn =
  (caches: CompilerCaches, { env }: Pick<Tools, 'env'>): BuildJob['sharedCache'] =>
  (variable, name) =>
    caches.shared(env[variable], name)

/** All that shapes a result. The commit and the place are among it: what another checkout built, or another commit in this one, is never taken. */
async function questionOf(
  plan: BuildPlan,
  target: BuildTarget,
  context: Context,
): Promise<CacheQuestion> {
  const { release, toolchain, tool, source } = plan
  const inputs = await toolchain.inputs(source, target)
  const { path, version, commit, created } = release
  const digest = await sourceDigest(inputs, {
    root: source.root,
    excluded: [
      context.out,
      join(source.root, 'node_modules'),
      join(source.root, 'dist'),
      ...(toolchain.outputs?.(source, release) ?? []),
    ],
  })
  return {
    kind: 'built',
    recipe: {
      toolchain: toolchain.name,
      tool: { name: tool.name, version: tool.version },
      options: toolchain.options,
      binary: toolchain.binary,
      platform: formatPlatform(target.platform),
    },
    inputs: [digest, { root: source.root, path, version, commit, created }],
  }
}

async function place(
  { release }: BuildPlan,
  target: BuildTarget,
  built: Built,
  context: Context,
): Promise<Artifact> {
  const path = `${platformFolder(target.platform)}/${target.file}`
  const file = join(await insideFolder(context.out, dirname(path)), target.file)
  const isFile = (await lstat(file).catch(() => undefined))?.isFile() === true
  const there = isFile ? await describeBuilt(file).catch(() => undefined) : undefined
  if (there?.digest === built.digest) await chmod(file, 0o755)
  else await writeFileAtomic(file, verified(built, readPieces(built.file), file), { mode: 0o755 })
  return {
    kind: 'binary',
    name: target.file,
    path,
    digest: built.digest,
    size: built.size,
    platform: formatPlatform(target.platform),
    component: release.component,
    triple: target.triple,
    ...(built.compilerCache === undefined ? {} : { compilerCache: built.compilerCache }),
  }
}

/** Lends an empty folder for the time of `work`. */
export async function inScratch<Result>(
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-build-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function lastLine(chunk: Uint8Array): string {
  const lines = new TextDecoder().decode(chunk).split(/[\r\n]+/)
  return lines.findLast((line) => line.trim() !== '')?.trim() ?? ''
}

function buildFailed(
  plan: BuildPlan,
  target: BuildTarget,
  output: string,
  error: unknown,
): unknown {
  if (!isWaybillError(error, 'ERR_EXEC_FAILED')) return error
  const { toolchain, tool } = plan
  const what = `${toolchain.binary} for ${formatPlatform(target.platform)}`
  const exit = String(error.details['exit'])
  return new WaybillError(
    'ERR_BUILD_FAILED',
    `${what}: ${tool.name} ${tool.version} failed (exit ${exit})\n${output.trimEnd()}`,
    { details: { platform: formatPlatform(target.platform), exit, output }, cause: error },
  )
}

function nothingWritten(
  { toolchain }: BuildPlan,
  target: BuildTarget,
  cause: unknown,
): WaybillError {
  return new WaybillError(
    'ERR_BUILD_FAILED',
    `${toolchain.binary} for ${formatPlatform(target.platform)}: ${toolchain.name} ended well but wrote no ${target.file}`,
    { hint: 'Check the name of the binary and, for a command, its declared output.', cause },
  )
}
