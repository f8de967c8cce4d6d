import { stringifyKeyPath } from '../locate/key-path.ts'
import type { PlannedRelease } from '../types.ts'
import type { FileTree } from '../workspace/file-tree.ts'
import { placeOfKeys } from '../workspace/file-tree.ts'
import type { Workspace, WorkspaceDependency, WorkspacePackage } from '../workspace/types.ts'
import { leaves } from '../units/engine.ts'
import type { PlannedReleases } from './plan-releases.ts'
import { withoutBuild } from './prerelease.ts'
import { nextCargoRequirement, nextNpmRange } from '../workspace/ranges.ts'
import { admits } from '../units/units.ts'
import type { FileEdit } from '../edits/version-edits.ts'
import type { Finding } from '@waybill/core'

interface Edits {
  readonly edits: readonly FileEdit[]
  readonly findings: readonly Finding[]
}

/** The edits that make packages ask for the new versions of each other: where the new one leaves the range, and wherever the package is released itself. */
export async function rangeEdits(
  workspace: Workspace,
  { releases, following }: PlannedReleases,
  files: FileTree,
): Promise<Edits> {
  const moving = new Set(['.', ...following, ...releases.map(({ path }) => path)])
  const found: Edits[] = []
  for (const one of workspace.packages) {
    for (const dependency of one.dependencies) {
      const release = releases.find(({ path }) => path === dependency.path)
      if (release === undefined || dependency.place === null) continue
      if (isMoved(dependency, release, moving.has(one.path))) {
        found.push(await rewrite(one, dependency, { release, workspace, files }))
      }
    }
  }
  return {
    edits: found.flatMap(({ edits }) => edits),
    findings: found.flatMap(({ findings }) => findings),
  }
}

// After changesets: what fits its range follows only with a package that moves, or in the root, which is never published.
function isMoved(
  { range }: WorkspaceDependency,
  release: PlannedRelease,
  moving: boolean,
): boolean {
  const from = release.from ?? '0.0.0'
  return admits(range, from) && (moving || leaves(range, { from, to: release.to }))
}

interface Rewriting {
  readonly release: PlannedRelease
  readonly workspace: Workspace
  readonly files: FileTree
}

async function rewrite(
  one: WorkspacePackage,
  dependency: WorkspaceDependency,
  { release, workspace, files }: Rewriting,
): Promise<Edits> {
  const place = dependency.place!
  const to = nextRange(one, place.text, release)
  if (to === undefined) return { edits: [], findings: stuck(one, dependency, release) }
  const edit = { at: place.at, offset: place.offset, from: place.text, to }
  const locked =
    one.kind === 'npm' ? await lockedRange(one, dependency, { workspace, files }, to) : []
  return { edits: [{ path: place.path, edit }, ...locked], findings: [] }
}

function nextRange(
  { kind }: WorkspacePackage,
  range: string,
  release: PlannedRelease,
): string | undefined {
  const { bump } = release
  const to = withoutBuild(release.to)
  if (kind === 'cargo') return nextCargoRequirement(range, to)
  if (kind === 'npm') return nextNpmRange(range, { to, bump })
  // A module's path names its major from 2 on, so another major is another module.
  return modulePathMajor(range) === modulePathMajor(to) ? `v${to}` : undefined
}

const modulePathMajor = (version: string): number =>
  Math.max(1, Number.parseInt(version.replace(/^v/, ''), 10))

function stuck(
  one: WorkspacePackage,
  { name, range }: WorkspaceDependency,
  { from, to }: PlannedRelease,
): readonly Finding[] {
  if (range.startsWith('workspace:') || !leaves(range, { from: from ?? '0.0.0', to })) return []
  return [
    {
      code: 'dependency-not-updated',
      level: 'warning',
      message: `${one.manifest}: ${name} ${range} excludes ${to}, and a range of this form is not rewritten`,
      suggestion: 'Change it by hand.',
      where: { path: one.manifest },
    },
  ]
}

// npm repeats every range of a workspace's packages in its lock file.
async function lockedRange(
  one: WorkspacePackage,
  { kind, name, place }: WorkspaceDependency,
  { workspace, files }: Omit<Rewriting, 'release'>,
  to: string,
): Promise<readonly FileEdit[]> {
  const found: FileEdit[] = []
  for (const path of workspace.lockFiles.filter((file) => file.endsWith('.json'))) {
    const folder = lockKey(path, one.path)
    if (folder === undefined) continue
    const keys = ['packages', folder, kind, name]
    const at = { path, at: stringifyKeyPath(keys) }
    const locked = placeOfKeys(await files.tree(path), keys, at)
    if (locked === undefined || locked.text !== place!.text) continue
    found.push({ path, edit: { at: at.at, offset: locked.offset, from: locked.text, to } })
  }
  return found
}

/** A package's key in a package-lock.json; undefined where the file lies elsewhere. */
export function lockKey(lockFile: string, folder: string): string | undefined {
  const base = lockFile.includes('/') ? lockFile.slice(0, lockFile.lastIndexOf('/')) : '.'
  if (folder === base) return ''
  if (base === '.') return folder
  return folder.startsWith(`${base}/`) ? folder.slice(base.length + 1) : undefined
}
