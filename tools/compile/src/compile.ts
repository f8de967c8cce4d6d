import { resolve } from 'node:path'
import {
  WaybillError,
  createContext,
  findRoot,
  formatPlatform,
  inStep,
  isWaybillError,
  mapLimit,
  namedPlace,
  messageOf,
  openCache,
  parsePlatform,
  type Artifact,
  type Cache,
  type CachePlace,
  type Context,
  type ContextOptions,
  type Finding,
  type Release,
} from '@waybill/core'
import { buildTarget, type BuildPlan } from './build-target.ts'
import { findSource } from './find-source.ts'
import { withOutside } from './outside.ts'
import { createTools } from './tools.ts'
import type { BuildTarget, Tool, Toolchain } from './toolchain.ts'

export interface CompileOptions extends ContextOptions {
  /** `os/architecture[/variant]`. */
  readonly platforms: readonly string[]
  /** Platforms that may fail without failing the release; true: all of them. @default none */
  readonly optional?: boolean | readonly string[] | undefined
  /** Where results are kept: a folder, relative to `cwd`, or an opened cache; false: nowhere. @default `compile` in the user's own cache */
  readonly cache?: CachePlace | false | undefined
  /** Takes nothing that was made before, of the compilers' own caches neither. @default false */
  readonly fresh?: boolean | undefined
  /** Told of every optional platform that failed. */
  readonly onFinding?: ((finding: Finding) => void) | undefined
}

/**
 * Compiles a release for its platforms, in parallel, each to `<out>/<os>-<arch>/<binary>`, and checks by reading every file that it is what was asked for.
 * An unchanged source is not built again.
 * @throws {ERR_TOOL_MISSING} {ERR_UNSUPPORTED_TARGET} {ERR_UNKNOWN_GLIBC} before anything is built; {ERR_BUILD_FAILED} with the whole output of the target that
 * failed; {ERR_WRONG_PLATFORM} {ERR_NOT_STATIC} {ERR_ABOVE_FLOOR} {ERR_UNEXPECTED_LIBRARY} for a result that is not what it claims to be.
 */
export async function compile(
  release: Release,
  toolchain: Toolchain,
  options: CompileOptions,
): Promise<Artifact[]> {
  const context = freshContext(createContext(options), options)
  const plan = await planBuild(release, toolchain, options, context)
  const targets = readPlatforms(options.platforms).map((platform) => toolchain.target(platform))
  await toolchain.check?.(plan.tool, targets)
  const jobs = Math.max(1, Math.floor(context.jobs / Math.max(1, targets.length)))
  const built = await mapLimit(targets, context.jobs, async (target) => {
    try {
      return await compileTarget({ ...plan, jobs }, target, context)
    } catch (error) {
      if (!isOptional(target, options) || isWaybillError(error, 'ERR_CANCELLED')) throw error
      skip(release, target, error, { context, onFinding: options.onFinding })
      return undefined
    }
  })
  return built.filter((artifact) => artifact !== undefined)
}

async function planBuild(
  release: Release,
  toolchain: Toolchain,
  options: CompileOptions,
  context: Context,
): Promise<Omit<BuildPlan, 'jobs'>> {
  const cache = await cacheOf(options, context)
  const source = await findSource(release, context.cwd)
  await namedPlace(source.root, context.out)
  const tools = createTools(context, { created: release.created, cache, cwd: source.folder })
  return { release, toolchain, tool: await toolchain.probe(tools), cache, source }
}

async function cacheOf(
  { cache: place, fresh = false }: CompileOptions,
  context: Context,
): Promise<Cache | null> {
  if (place === false || fresh) return null
  const opened = await openCache(place, context)
  return (place === undefined ? opened?.within('compile') : opened) ?? null
}

// Variables that name caches of what was compiled: without them the compilers get an empty one.
const COMPILED = { GOCACHE: undefined, ZIG_GLOBAL_CACHE_DIR: undefined }

const freshContext = (context: Context, { fresh = false }: CompileOptions): Context =>
  fresh ? { ...context, env: { ...context.env, ...COMPILED } } : context

export interface ProbeOptions extends ContextOptions {
  /** The component's folder: a tool's version may hang on files in it. @default `cwd` */
  readonly folder?: string | undefined
  /** Whether programs of the repository may run, and its files choose their versions, as when it is built. @default false */
  readonly inRepository?: boolean | undefined
}

/**
 * Finds a toolchain's tool without building anything: on PATH outside of the repository, and asked in an empty folder, unless `inRepository`.
 * @throws {ERR_TOOL_MISSING} saying how to install it, {ERR_TOOL_VERSION} where it is not the pinned one.
 */
export async function probe(toolchain: Toolchain, options: ProbeOptions = {}): Promise<Tool> {
  const context = createContext(options)
  const cwd = resolve(context.cwd, options.folder ?? '.')
  const asked = { created: 0, cache: null, cwd }
  if (options.inRepository === true) return toolchain.probe(createTools(context, asked))
  return withOutside(await findRoot(context.cwd), context.env, (outside) =>
    toolchain.probe(createTools(context, { ...asked, outside })),
  )
}

function readPlatforms(platforms: readonly string[]): ReturnType<typeof parsePlatform>[] {
  if (platforms.length > 0) return platforms.map((platform) => parsePlatform(platform))
  throw new WaybillError('ERR_NO_PLATFORMS', 'Expected at least one platform to compile for', {
    hint: 'For example `platforms: [linux/amd64, linux/arm64]`.',
    outcome: 'usage',
  })
}

function compileTarget(plan: BuildPlan, target: BuildTarget, context: Context): Promise<Artifact> {
  const platform = formatPlatform(target.platform)
  const title = `${plan.toolchain.name} ${plan.toolchain.binary} ${platform}`
  let note = ''
  return inStep(
    context.progress,
    title,
    async (step) => {
      const { artifact, cached } = await buildTarget(plan, target, { context, step })
      note = cached ? 'unchanged' : `${artifact.size} bytes`
      return artifact
    },
    () => note,
  )
}

function isOptional({ platform }: BuildTarget, { optional = false }: CompileOptions): boolean {
  return typeof optional === 'boolean' ? optional : optional.includes(formatPlatform(platform))
}

interface SkipOptions {
  readonly context: Context
  readonly onFinding: CompileOptions['onFinding']
}

function skip(release: Release, target: BuildTarget, error: unknown, options: SkipOptions): void {
  const platform = formatPlatform(target.platform)
  const message = `The optional ${target.file} for ${platform} was not built: ${messageOf(error)}`
  options.context.logger.warn(message)
  options.onFinding?.({
    code: 'optional-target-failed',
    level: 'warning',
    message,
    where: { platform, path: release.path },
  })
}
