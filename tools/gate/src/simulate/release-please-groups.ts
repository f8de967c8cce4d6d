import { bumpLoosely } from '../release-please/version.ts'
import type { ReleasePleaseConfig, ReleasePleasePackage } from '../release-please/read-config.ts'
import { bumpBetween } from '../next-version.ts'
import type { RangeOutcome } from '../outcome.ts'
import { readCargoManifest } from './cargo.ts'
import { dependenciesOf } from './locate.ts'
import { fileIn } from './manifest-name.ts'
import type { PastRelease } from './past-releases.ts'
import type { ReadText } from './read-text.ts'
import type { Past, Setting } from './setting.ts'
import semver from 'semver'

/** What the plugins of release-please need to know of a release. */
export interface PluginView {
  readonly past: Past
  readonly readText: ReadText
  readonly config: ReleasePleaseConfig
  readonly own: ReleasePleasePackage
  /** The component's name in tags. */
  nameOf(one: ReleasePleasePackage): string | undefined
  settingOf(name: string): Setting
}

const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']

/** Changes a prediction as the plugins `linked-versions`, `node-workspace` and `cargo-workspace` do. */
export function applyPlugins(
  outcome: RangeOutcome,
  release: PastRelease,
  view: PluginView,
): RangeOutcome {
  const linked = applyLinked(outcome, release, view)
  if (linked.due || view.config.workspaces.length === 0 || !dependencyReleases(release, view))
    return linked
  const version = bumpLoosely(release.last.version, 'patch', view.own.policy)
  return { ...linked, due: true, bump: 'patch', version }
}

// All members of a group get the highest version any of them would get, released or not.
function applyLinked(
  outcome: RangeOutcome,
  release: PastRelease,
  { config, own, nameOf, settingOf, past }: PluginView,
): RangeOutcome {
  const name = nameOf(own)
  const group = config.linked.find((names) => name !== undefined && names.includes(name))
  if (group === undefined) return outcome
  const others = group.filter((other) => other !== name)
  const outcomes = others.map((other) =>
    past.judge(settingOf(other), { component: other, commit: release.commit }),
  )
  const due = [outcome, ...outcomes].filter((one) => one?.due === true) as RangeOutcome[]
  const versions = due
    .map(({ version }) => version)
    .filter((version) => semver.valid(version) !== null)
  const [version] = versions.toSorted(semver.rcompare)
  if (version === undefined) return outcome
  return { ...outcome, due: true, bump: bumpBetween(release.last.version, version), version }
}

function dependencyReleases({ commit, component }: PastRelease, view: PluginView): boolean {
  const { past, config, own, nameOf } = view
  const released = new Set(
    past.releases
      .filter((one) => one.commit === commit && one.component !== component)
      .map((one) => one.component),
  )
  const names = dependencyNames(own.path, commit, view).map((name) =>
    name.replace(/^@[\w-]+\//, ''),
  )
  const packages = new Set(config.packages.map(nameOf))
  return names.some((name) => packages.has(name) && released.has(name))
}

function dependencyNames(
  folder: string,
  commit: string,
  { past, readText }: PluginView,
): readonly string[] {
  const node = fileIn(folder, 'package.json')
  const cargo = past.snapshots.text(commit, fileIn(folder, 'Cargo.toml'))
  const manifest = readText(past.snapshots.text(commit, node), node, commit)
  return [
    ...dependenciesOf(manifest, KINDS).keys(),
    ...(cargo === null ? [] : readCargoManifest(cargo).dependencies),
  ]
}
