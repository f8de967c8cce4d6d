import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  WaybillError,
  createContext,
  createReport,
  inStep,
  parsePlatform,
  type Artifact,
  type Context,
  type ContextOptions,
  type Digest,
  type Release,
  type Report,
} from '@waybill/core'
import { buildFresh, inScratch } from './build-target.ts'
import type { Built } from './cache.ts'
import { copySource } from './copy-source.ts'
import { explainDifference } from './explain-difference.ts'
import { findSource } from './find-source.ts'
import { createTools } from './tools.ts'
import type { BuildSource, Toolchain } from './toolchain.ts'

export interface RebuildOptions extends ContextOptions {
  readonly release: Release
  readonly toolchain: Toolchain
  /** `shared` takes what the compilers themselves remember of this machine's builds: quicker, and less of a proof. @default 'fresh' */
  readonly caches?: 'fresh' | 'shared' | undefined
}

/** One binary, built again. */
export interface RebuildCheck {
  readonly path: string
  readonly platform: string
  /** The released file's. */
  readonly expected: Digest
  /** The rebuilt file's. */
  readonly found: Digest
}

// What must not matter: a machine of another zone, language and user, whose files nobody else may read.
const ELSEWHERE = {
  TZ: 'Pacific/Kiritimati',
  LANG: 'tr_TR.UTF-8',
  LC_ALL: 'tr_TR.UTF-8',
  USER: 'nobody',
  LOGNAME: 'nobody',
}

/**
 * Builds a binary again in another folder, with caches of its own and another time zone, umask, locale and user, and compares.
 * The findings explain a difference section by section.
 * @throws {ERR_NOT_A_BUILD} for an artifact that is no binary; all that `compile` throws.
 */
export async function rebuild(
  artifact: Artifact,
  options: RebuildOptions,
): Promise<Report<RebuildCheck>> {
  const { platform, path } = artifact
  if (artifact.kind !== 'binary' || platform === undefined) throw notABuild(artifact)
  const here = createContext(options)
  const source = await findSource(options.release, here.cwd)
  return inScratch(async (folder) => {
    const context = { ...here, env: { ...here.env, ...ELSEWHERE, ...cachesOf(options, folder) } }
    const place = join(folder, 'another place', 'source')
    const elsewhere = await copySource(source, place, { excluded: [context.out] })
    const built = await buildElsewhere({ ...options, platform }, elsewhere, folder, context)
    const released = resolve(context.out, path)
    const findings = await explainDifference(released, built.file, [source.root, folder])
    const check = { path, platform, expected: artifact.digest, found: built.digest }
    return createReport([check], built.digest === artifact.digest ? [] : findings)
  })
}

function cachesOf({ caches }: RebuildOptions, folder: string): Record<string, string> {
  if (caches === 'shared') return {}
  return { GOCACHE: join(folder, 'go'), ZIG_GLOBAL_CACHE_DIR: join(folder, 'zig') }
}

async function buildElsewhere(
  options: RebuildOptions & { readonly platform: string },
  source: BuildSource,
  folder: string,
  context: Context,
): Promise<Built> {
  const { release, toolchain, platform } = options
  const tools = createTools(context, { created: release.created, cache: null, cwd: context.cwd })
  const tool = await toolchain.probe(tools)
  const target = toolchain.target(parsePlatform(platform))
  await toolchain.check?.(tool, [target])
  const plan = { release, toolchain, tool, source, cache: null, jobs: context.jobs }
  const scratch = join(folder, 'scratch')
  await mkdir(scratch)
  const before = process.umask(0o077)
  try {
    return await inStep(context.progress, `rebuild ${toolchain.binary} ${platform}`, (step) =>
      buildFresh(plan, target, scratch, { context, step }),
    )
  } finally {
    process.umask(before)
  }
}

function notABuild(artifact: Artifact): WaybillError {
  return new WaybillError(
    'ERR_NOT_A_BUILD',
    `${artifact.path} is no binary: expected one that was compiled, found ${artifact.kind}`,
    {
      hint: 'Name a binary of dist/waybill.json.',
      outcome: 'usage',
    },
  )
}
