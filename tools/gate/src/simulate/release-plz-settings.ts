import semver from 'semver'
import { readReleasePlz, type ReleasePlzPackage } from '../every-commit/read-config.ts'
import { bumpBetween, nextVersion } from '../next-version.ts'
import type { RangeOutcome } from '../outcome.ts'
import { readCargoManifest, type CargoManifest } from './cargo.ts'
import { createLocator, type Locator } from './locate.ts'
import { fileIn } from './manifest-name.ts'
import type { PastRelease } from './past-releases.ts'
import { createReadText, type ReadText } from './read-text.ts'
import { componentOf, type Past, type Setting, type SettingOf } from './setting.ts'

const CONFIGS = ['release-plz.toml', '.release-plz.toml']

interface World {
  readonly past: Past
  readonly locator: Locator
  readonly readText: ReadText
  readonly manifests: Map<string, CargoManifest>
  /** Whether and as what a package is released at a commit; null while it is being worked out. */
  readonly planned: Map<string, RangeOutcome | null>
}

interface Spot {
  readonly name: string
  readonly commit: string
}

/** Reads release-plz's configuration and the crates as they stood at each release. */
export async function releasePlzSettings(past: Past): Promise<SettingOf> {
  const readText = createReadText(past.note)
  const commits = [...new Set(past.releases.map(({ commit }) => commit))]
  await past.snapshots.load(commits, CONFIGS)
  const locator = await createLocator(past, 'Cargo.toml', readText)
  await loadParents(past, locator)
  const world: World = { past, locator, readText, manifests: new Map(), planned: new Map() }
  return (release) => settingOf({ name: release.component, commit: release.commit }, world)
}

async function loadParents(
  { history, releases, snapshots }: Past,
  locator: Locator,
): Promise<void> {
  const folders = new Set(
    releases.flatMap(({ commit }) => locator.packagesAt(commit).map(({ folder }) => folder)),
  )
  const parents = releases.flatMap(({ commit }) =>
    history.commits[history.indexOf(commit)!]!.parents.slice(0, 1),
  )
  await snapshots.load(
    [...new Set(parents)],
    [...folders, '.'].map((folder) => fileIn(folder, 'Cargo.toml')),
  )
}

function settingOf(spot: Spot, world: World): Setting {
  const packages = world.locator.packagesAt(spot.commit)
  const component = componentOf(spot.name, world.locator.folderOf(spot.name, spot.commit))
  const others = packages.filter(
    ({ name, folder }) => name !== spot.name && folder !== component.path,
  )
  return {
    component,
    components: [component, ...others.map(({ name, folder }) => componentOf(name, folder))],
    policy: configOf(spot, world).policy,
    adjust: (outcome) => adjust(outcome, spot, world),
  }
}

function configOf({ name, commit }: Spot, { past, readText }: World): ReleasePlzPackage {
  const file = CONFIGS.find((path) => past.snapshots.text(commit, path) !== null)
  return readReleasePlz(
    file === undefined ? undefined : readText(past.snapshots.text(commit, file), file, commit),
    name,
  )
}

/** A crate's manifest before the release rewrote it. */
function manifestOf(folder: string, commit: string, { past, manifests }: World): CargoManifest {
  const [parent = commit] = past.history.commits[past.history.indexOf(commit)!]!.parents
  const text = past.snapshots.text(parent, fileIn(folder, 'Cargo.toml')) ?? ''
  const known = manifests.get(text) ?? readCargoManifest(text)
  manifests.set(text, known)
  return known
}

// A version raised by hand is published as it is; else the group's highest version holds, or a dependency's release carries a patch.
function adjust(outcome: RangeOutcome, spot: Spot, world: World): RangeOutcome {
  const release = releaseAt(spot, world)
  const folder = world.locator.folderOf(spot.name, spot.commit)
  const manifest = manifestOf(folder, spot.commit, world)
  const raised = manifest.inherits
    ? manifestOf('.', spot.commit, world).workspaceVersion
    : manifest.version
  const last = release?.last.version
  if (
    last !== undefined &&
    raised !== null &&
    semver.valid(raised) !== null &&
    semver.gt(raised, last)
  ) {
    return { ...outcome, due: true, bump: bumpBetween(last, raised), version: raised }
  }
  const grouped = groupOf(spot, manifest, world)
  if (grouped.length > 0 && last !== undefined) {
    const due = outcome.due ? [outcome, ...grouped] : grouped
    const best = due.reduce((best, one) => (semver.gt(one.version, best.version) ? one : best))
    return { ...outcome, due: true, bump: bumpBetween(last, best.version), version: best.version }
  }
  if (outcome.due || last === undefined || !dependencyReleases(spot, manifest, world))
    return outcome
  return { ...outcome, due: true, bump: 'patch', version: nextVersion(last, 'patch', last) }
}

function releaseAt({ name, commit }: Spot, { past }: World): PastRelease | undefined {
  return past.releases.find((one) => one.commit === commit && one.component === name)
}

function groupOf(spot: Spot, manifest: CargoManifest, world: World): RangeOutcome[] {
  const { group } = configOf(spot, world)
  const others = world.locator.packagesAt(spot.commit).filter(({ name, folder }) => {
    if (name === spot.name) return false
    if (group !== undefined) return configOf({ name, commit: spot.commit }, world).group === group
    return manifest.inherits && manifestOf(folder, spot.commit, world).inherits
  })
  return others.flatMap(({ name }) => alone({ name, commit: spot.commit }, world) ?? [])
}

function alone(spot: Spot, world: World): RangeOutcome | null {
  const key = `${spot.commit} ${spot.name}`
  const before = world.planned.get(key)
  if (before !== undefined) return before
  world.planned.set(key, null)
  const outcome = world.past.judge(settingOf(spot, world), {
    component: spot.name,
    commit: spot.commit,
  })
  const due = outcome?.due === true ? outcome : null
  world.planned.set(key, due)
  return due
}

function dependencyReleases(spot: Spot, { dependencies }: CargoManifest, world: World): boolean {
  return dependencies.some((name) => releaseAt({ name, commit: spot.commit }, world) !== undefined)
}
