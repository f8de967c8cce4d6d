import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inStep, type Context, type Release } from '@waybill/core'
import type { PackedPackage } from '@waybill/publish'
import { applyVersions, type VersionPlan } from '@waybill/version'

/** The packed packages of a release, and the folder their files lie in. */
export interface Packed {
  readonly folder: string
  readonly packages: readonly PackedPackage[]
}

/**
 * Packs every public package once, from the commit and nothing else: in a worktree of its own, with the planned versions applied,
 * installed and built anew. What an earlier run packed of the same commit is what is published.
 */
export async function packRelease(
  release: Release,
  plan: VersionPlan,
  context: Context,
): Promise<Packed> {
  const folder = join(context.cwd, '.waybill/release', `${release.version}-${release.commit}`)
  if (!existsSync(folder))
    await inWorktree(release.commit, context, (worktree) =>
      packInto(folder, plan, { ...context, cwd: worktree }),
    )
  const list = await readFile(join(folder, 'packed.json'), 'utf8')
  return { folder, packages: JSON.parse(list) as PackedPackage[] }
}

async function inWorktree(
  commit: string,
  { cwd, exec, signal }: Context,
  work: (worktree: string) => Promise<void>,
): Promise<void> {
  const parent = await mkdtemp(join(tmpdir(), 'waybill-release-'))
  const worktree = join(parent, 'source')
  try {
    await exec('git', ['worktree', 'add', '--detach', worktree, commit], { cwd, signal })
    await work(worktree)
  } finally {
    await rm(parent, { recursive: true, force: true })
    await exec('git', ['worktree', 'prune'], { cwd })
  }
}

async function packInto(folder: string, plan: VersionPlan, context: Context): Promise<void> {
  const { cwd, exec, signal, progress } = context
  const npm = (...words: string[]): ReturnType<Context['exec']> =>
    exec('npm', [...words, '--loglevel=error'], { cwd, signal })
  const unfinished = `${folder}.new`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  await applyVersions(plan, context)
  await inStep(progress, 'npm ci', () => npm('ci', '--no-audit', '--no-fund'))
  const packages = await publicPackages(plan, cwd)
  for (const path of packages) await copyFile(join(cwd, 'LICENSE'), join(cwd, path, 'LICENSE'))
  const { stdout } = await inStep(progress, 'npm pack', () =>
    npm('pack', '--json', '--pack-destination', unfinished, ...packages.map((path) => `./${path}`)),
  )
  await writeFile(join(unfinished, 'packed.json'), stdout)
  await rename(unfinished, folder)
}

async function publicPackages(plan: VersionPlan, worktree: string): Promise<string[]> {
  const paths = plan.releases.map(({ path }) => path)
  const manifests = await Promise.all(
    paths.map((path) => readFile(join(worktree, path, 'package.json'), 'utf8')),
  )
  const isPrivate = manifests.map(
    (text) => (JSON.parse(text) as { readonly private?: boolean }).private === true,
  )
  return paths.filter((_path, index) => isPrivate[index] !== true)
}
