import { asObject } from '../plain.ts'
import { releasePleaseDefaults } from '../release-please/policy.ts'
import {
  readReleasePleaseConfig,
  type ReleasePleaseConfig,
  type ReleasePleasePackage,
} from '../release-please/read-config.ts'
import { readAppConfig, readWorkflow } from '../release-please/read-workflow.ts'
import { createReadText, type ReadText } from './read-text.ts'
import { fileIn, MANIFESTS, manifestName } from './manifest-name.ts'
import { applyPlugins } from './release-please-groups.ts'
import { componentOf, type Past, type Setting, type SettingOf } from './setting.ts'

const CONFIG = 'release-please-config.json'
const APP = '.github/release-please.yml'
const WORKFLOW = /^\.github\/workflows\/[^/]+\.ya?ml$/

// Where nothing is configured the release was made before the tool came, or by hand: then a breaking change keeps a 0.x version at 0.x.
const UNCONFIGURED = { ...releasePleaseDefaults(), bumpMinorPreMajor: true }

/** Reads release-please's configuration as it stood at each release. */
export async function releasePleaseSettings(past: Past): Promise<SettingOf> {
  const files = seenFiles(past)
  await past.snapshots.load(commitsOf(past.releases), files)
  await past.snapshots.loadNames(
    commitsOf(past.releases).flatMap((commit) =>
      namedConfigs(commit, files, past).map((path) => `${commit}:${path}`),
    ),
  )
  const readText = createReadText(past.note)
  const configs = new Map<string, ReleasePleaseConfig | null>()
  const configAt = (commit: string): ReleasePleaseConfig | null => {
    const known = configs.get(commit)
    if (known !== undefined) return known
    const config = readConfig(commit, files, past, readText)
    configs.set(commit, config)
    return config
  }
  await loadManifests(past, configAt)
  const nameOf = ({ path }: ReleasePleasePackage, commit: string): string | undefined =>
    withoutScope(manifestName(path, commit, { snapshots: past.snapshots, readText }))
  return (release) => {
    const { component, commit } = release
    const config = configAt(commit)
    const readName = (own: ReleasePleasePackage): string | undefined => nameOf(own, commit)
    const setting = settingOf(component, config, readName)
    const own = config === null ? undefined : findPackage(component, config, readName)
    if (config === null || own === undefined || !hasPlugins(config)) return setting
    const view = {
      past,
      readText,
      config,
      own,
      nameOf: (one: ReleasePleasePackage) => one.component ?? readName(one),
      settingOf: (name: string) => settingOf(name, config, readName),
    }
    return { ...setting, adjust: (outcome) => applyPlugins(outcome, release, view) }
  }
}

function hasPlugins({ linked, workspaces }: ReleasePleaseConfig): boolean {
  return linked.length > 0 || workspaces.length > 0
}

function commitsOf(releases: Past['releases']): string[] {
  return [...new Set(releases.map(({ commit }) => commit))]
}

function withoutScope(name: string | undefined): string | undefined {
  return name?.replace(/^@[\w-]+\//, '')
}

// Where the configuration doesn't name a component its manifest does; they are read only for releases that need it.
async function loadManifests(
  past: Past,
  configAt: (commit: string) => ReleasePleaseConfig | null,
): Promise<void> {
  const open = past.releases.filter(({ component, commit }) => {
    const config = configAt(commit)
    if (config === null) return false
    return hasPlugins(config) || findByConfig(component, config) === undefined
  })
  const folders = open.flatMap(({ commit }) => configAt(commit)!.packages.map(({ path }) => path))
  const paths = [...new Set(folders)].flatMap((folder) =>
    MANIFESTS.map((file) => fileIn(folder, file)),
  )
  await past.snapshots.load(commitsOf(open), existing(paths, past))
}

function existing(paths: readonly string[], { history }: Past): string[] {
  const wanted = new Set(paths)
  const seen = new Set<string>()
  for (const commit of history.commits)
    for (const path of commit.paths) if (wanted.has(path)) seen.add(path)
  return [...seen]
}

// Only paths that some commit has touched can ever have existed.
function seenFiles({ history }: Past): string[] {
  const seen = new Set<string>()
  for (const { paths } of history.commits) {
    for (const path of paths) {
      const name = path.slice(path.lastIndexOf('/') + 1)
      const config =
        name.includes('release-please') && name.endsWith('.json') && !name.includes('manifest')
      if (config || path === APP || path === '.github/release-please.yaml' || WORKFLOW.test(path))
        seen.add(path)
    }
  }
  return [...seen].toSorted()
}

const NAMED = /config-file\s*[:=\s]\s*["']?(?:\.\/)?([\w./-]+\.json)/g

// The action takes its name as an input, the command line as an option.
function namedConfigs(commit: string, files: readonly string[], { snapshots }: Past): string[] {
  const texts = files
    .filter((path) => WORKFLOW.test(path))
    .map((path) => snapshots.text(commit, path) ?? '')
  return texts
    .filter((text) => text.includes('release-please'))
    .flatMap((text) => [...text.matchAll(NAMED)].map(([, path]) => path!))
}

function readConfig(
  commit: string,
  files: readonly string[],
  past: Past,
  readText: ReadText,
): ReleasePleaseConfig | null {
  const read = (path: string): unknown => readText(past.snapshots.text(commit, path), path, commit)
  const elsewhere = files.filter((path) => path.endsWith(CONFIG) && path !== CONFIG)
  for (const path of [...namedConfigs(commit, files, past), CONFIG, ...elsewhere]) {
    const manifest = read(path)
    if (manifest !== undefined) return readReleasePleaseConfig(asObject(manifest))
  }
  const workflows = files.filter(
    (path) =>
      WORKFLOW.test(path) &&
      past.snapshots.text(commit, path)?.includes('release-please-action@') === true,
  )
  const own = workflows.flatMap((path) => readWorkflow(read(path)))
  if (own.length > 0) return { packages: own, linked: [], workspaces: [] }
  return readAppConfig(read(APP)) ?? readAppConfig(read('.github/release-please.yaml'))
}

type NameOf = (own: ReleasePleasePackage) => string | undefined

function settingOf(name: string, config: ReleasePleaseConfig | null, nameOf: NameOf): Setting {
  const own = config === null ? undefined : findPackage(name, config, nameOf)
  if (config === null || own === undefined) {
    const component = componentOf(name, '.')
    return { component, components: [component], policy: UNCONFIGURED }
  }
  const components = config.packages.map((one) => ({
    ...componentOf(one === own ? name : `path:${one.path}`, one.path),
    exclude: excludeOf(one),
  }))
  return { component: components[config.packages.indexOf(own)]!, components, policy: own.policy }
}

// release-please writes them from the root, a component from its folder.
function excludeOf({ path, exclude }: ReleasePleasePackage): string[] {
  if (path === '.') return [...exclude]
  return exclude.flatMap((entry) =>
    entry.startsWith(`${path}/`) ? entry.slice(path.length + 1) : [],
  )
}

function findPackage(
  name: string,
  config: ReleasePleaseConfig,
  nameOf: NameOf,
): ReleasePleasePackage | undefined {
  return findByConfig(name, config) ?? config.packages.find((one) => nameOf(one) === name)
}

/** The package whose tags carry this name, as far as the configuration says. */
function findByConfig(
  name: string,
  { packages }: ReleasePleaseConfig,
): ReleasePleasePackage | undefined {
  if (name === '') {
    const untagged =
      packages.find(({ inTag }) => !inTag) ?? packages.find(({ path }) => path === '.')
    return untagged ?? (packages.length === 1 ? packages[0] : undefined)
  }
  const named = packages.find(({ component }) => component === name)
  if (named !== undefined) return named
  const unnamed = packages.filter(({ component }) => component === undefined)
  const same = unnamed.find(({ path }) => path === name)
  const ending = unnamed.filter(({ path }) => path.endsWith(`/${name}`))
  return same ?? (ending.length === 1 ? ending[0] : undefined)
}
