import { inTime, type Bump } from '@waybill/core'
import picomatch from 'picomatch'
import semver from 'semver'
import { changesets } from '../changesets/policy.ts'
import { bumpBetween, nextVersion } from '../next-version.ts'
import { higherBump, highestBump, type RangeOutcome } from '../outcome.ts'
import { asList, asObject, asText } from '../plain.ts'
import { isChangesetPath } from '../changesets/read-changeset.ts'
import { slowGlob } from '../semantic-release/rules.ts'
import { createLocator, dependenciesOf, type Locator } from './locate.ts'
import { createPastChangesets } from './past-changesets.ts'
import type { PastRelease } from './past-releases.ts'
import { createReadText, type ReadText } from './read-text.ts'
import { componentOf, type Past, type Setting, type SettingOf } from './setting.ts'

const CONFIG = '.changeset/config.json'

/** What one release of changesets knows of the repository. */
interface World {
  readonly past: Past
  readonly locator: Locator
  readonly readText: ReadText
  readonly usedUp: Awaited<ReturnType<typeof createPastChangesets>>
  /** What was planned for a package at a commit; null while it is being worked out. */
  readonly planned: Map<string, Planned | null>
}

interface Planned {
  readonly bump: Bump
  readonly version: string
}

/** Reads changesets' files and configuration as they stood at each release. */
export async function changesetsSettings(past: Past): Promise<SettingOf> {
  const readText = createReadText(past.note)
  const commits = [...new Set(past.releases.map(({ commit }) => commit))]
  await past.snapshots.load(commits, [CONFIG])
  const locator = await createLocator(past, 'package.json', readText)
  await loadParents(past, locator)
  const world: World = {
    past,
    locator,
    readText,
    usedUp: await createPastChangesets(past),
    planned: new Map(),
  }
  return (release) => settingOf(release, world)
}

// Versions and dependencies are read before the release rewrote them.
async function loadParents(
  { history, releases, snapshots }: Past,
  locator: Locator,
): Promise<void> {
  const folders = new Set(
    releases.flatMap(({ commit }) => locator.packagesAt(commit).map(({ folder }) => folder)),
  )
  const using = history.commits.filter(
    ({ paths }) => paths.some(isChangesetPath) && paths.some(isManifest),
  )
  const ends = releases.map(({ commit }) => history.commits[history.indexOf(commit)!]!)
  const parents = [...using, ...ends].flatMap(({ parents }) => parents.slice(0, 1))
  await snapshots.load([...new Set(parents)], [...folders].map(manifestIn))
}

function isManifest(path: string): boolean {
  return path === 'package.json' || path.endsWith('/package.json')
}

function manifestIn(folder: string): string {
  return folder === '.' ? 'package.json' : `${folder}/package.json`
}

function settingOf(release: PastRelease, world: World): Setting {
  const packages = world.locator.packagesAt(release.commit)
  const root = packages.find(({ folder }) => folder === '.')?.name
  const name = release.component === '' ? (root ?? '.') : release.component
  const folder = world.locator.folderOf(release.component, release.commit)
  const component = componentOf(name, folder)
  const others = packages.filter((one) => one.name !== name && one.folder !== folder)
  return {
    component,
    components: [component, ...others.map((one) => componentOf(one.name, one.folder))],
    policy: changesets,
    changesets: world.usedUp(release),
    adjust: (outcome) => adjust(outcome, release, name, world),
  }
}

function adjust(
  outcome: RangeOutcome,
  release: PastRelease,
  name: string,
  world: World,
): RangeOutcome {
  const planned = plan({ name, commit: release.commit }, world)
  const bump = higherBump(outcome.bump, planned?.bump ?? 'none')
  if (planned === null || bump === 'none') return outcome
  return { ...outcome, due: true, bump, version: planned.version }
}

interface Spot {
  readonly name: string
  readonly commit: string
}

/** The release a package gets at a commit: by its changesets, its dependencies and its group. */
function plan(spot: Spot, world: World): Planned | null {
  const key = `${spot.commit} ${spot.name}`
  const before = world.planned.get(key)
  if (before !== undefined) return before
  world.planned.set(key, null)
  const planned = inGroup(spot, world) ?? alone(spot, world)
  world.planned.set(key, planned)
  return planned
}

function releaseAt({ name, commit }: Spot, { past, locator }: World): PastRelease | undefined {
  const root = locator.packagesAt(commit).find(({ folder }) => folder === '.')?.name
  return past.releases.find(
    (one) =>
      one.commit === commit && (one.component === name || (one.component === '' && name === root)),
  )
}

// Changesets counts up from the manifest as it stood before the commit that used the changesets up.
function alone(spot: Spot, world: World): Planned | null {
  const release = releaseAt(spot, world)
  if (release === undefined) return null
  const used = world.usedUp(release)
  const { indexOf } = world.past.history
  const [by] = used.map(({ usedBy }) => usedBy).toSorted((a, b) => indexOf(a)! - indexOf(b)!)
  const bumps = used
    .filter(({ usedBy }) => usedBy === by)
    .map((file) => file.bumps[spot.name] ?? 'none')
  const at = { name: spot.name, commit: by ?? spot.commit }
  const before = currentVersion(at, release, world)
  const bump = higherBump(highestBump(bumps), dependencyBump(spot, at.commit, world))
  if (bump !== 'none') return { bump, version: nextVersion(before, bump, '0.1.0') }
  const between = bumpBetween(release.last.version, before)
  return between === 'none' ? null : { bump: between, version: before }
}

function currentVersion(at: Spot, release: PastRelease, world: World): string {
  return writtenVersion(at, world) ?? release.last.version
}

function writtenVersion(at: Spot, world: World): string | undefined {
  const version = asText(asObject(manifestBefore(at, world))['version'])
  return version !== undefined && semver.valid(version) !== null ? version : undefined
}

// A dependency whose new version leaves the range releases a patch; before changesets 3 a peer dependency released a major.
function dependencyBump(spot: Spot, usedBy: string, world: World): Bump {
  const manifest = manifestBefore({ name: spot.name, commit: usedBy }, world)
  const always = configAt(spot.commit, world).updateInternalDependents === 'always'
  const leaves = ([name, range]: [string, string]): Planned | null => {
    const dependency = plan({ name, commit: spot.commit }, world)
    return dependency !== null && (always || !satisfies(dependency.version, range))
      ? dependency
      : null
  }
  const plain = [...dependenciesOf(manifest, ['dependencies', 'optionalDependencies'])]
  const peers = [...dependenciesOf(manifest, ['peerDependencies'])]
  if (majorOfTool(spot.commit, world) < 3 && peers.some((peer) => isBreakingPeer(leaves(peer))))
    return 'major'
  return [...plain, ...peers].some((one) => leaves(one) !== null) ? 'patch' : 'none'
}

function isBreakingPeer(planned: Planned | null): boolean {
  return planned !== null && planned.bump !== 'patch'
}

function satisfies(version: string, range: string): boolean {
  const bare = range.replace(/^workspace:/, '')
  if (bare === '*' && range !== bare) return false
  if (bare === '^' || bare === '~') return false
  return semver.validRange(bare) === null || semver.satisfies(version, bare)
}

function manifestBefore({ name, commit }: Spot, { past, locator, readText }: World): unknown {
  const folder = locator.folderOf(name, commit)
  const path = manifestIn(folder)
  const [parent = commit] = past.history.commits[past.history.indexOf(commit)!]!.parents
  return readText(past.snapshots.text(parent, path), path, parent)
}

interface Config {
  readonly fixed: readonly (readonly string[])[]
  readonly linked: readonly (readonly string[])[]
  readonly updateInternalDependents: string | undefined
}

function configAt(commit: string, { past, readText }: World): Config {
  const config = asObject(readText(past.snapshots.text(commit, CONFIG), CONFIG, commit))
  const experimental = asObject(config['___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH'])
  return {
    fixed: groups(config['fixed']),
    linked: groups(config['linked']),
    updateInternalDependents: asText(
      config['updateInternalDependents'] ?? experimental['updateInternalDependents'],
    ),
  }
}

function groups(value: unknown): string[][] {
  return asList(value).map((group) => asList(group).map(String))
}

function majorOfTool(commit: string, { past, readText }: World): number {
  const manifest = readText(past.snapshots.text(commit, 'package.json'), 'package.json', commit)
  const range = dependenciesOf(manifest, ['devDependencies', 'dependencies']).get('@changesets/cli')
  return (
    semver.minVersion(range !== undefined && semver.validRange(range) !== null ? range : '2')
      ?.major ?? 2
  )
}

// Members of a group share the highest version among them: all of a fixed group, those that release of a linked one.
function inGroup(spot: Spot, world: World): Planned | null {
  const { fixed, linked } = configAt(spot.commit, world)
  const has = (group: readonly string[]): boolean =>
    group.some((pattern) => isMatch(spot.name, pattern))
  const group = fixed.find(has) ?? linked.find(has)
  if (group === undefined) return null
  const members = world.locator
    .packagesAt(spot.commit)
    .filter(({ name }) => group.some((pattern) => isMatch(name, pattern)))
    .map(({ name }) => {
      const at = { name, commit: spot.commit }
      const version = releaseAt(at, world)?.last.version ?? writtenVersion(at, world)
      return { version, own: alone(at, world) }
    })
  const bump = members.reduce<Bump>(
    (highest, { own }) => higherBump(highest, own?.bump ?? 'none'),
    'none',
  )
  const versions = members.flatMap(({ version }) => version ?? [])
  const [highest] = versions.toSorted(semver.rcompare)
  if (bump === 'none' || highest === undefined) return null
  if (!fixed.some(has) && alone(spot, world) === null) return null
  return { bump, version: nextVersion(highest, bump, '0.1.0') }
}

const isMatch = (name: string, glob: string): boolean =>
  inTime(
    () => picomatch.isMatch(name, glob),
    () => slowGlob(glob),
  )
