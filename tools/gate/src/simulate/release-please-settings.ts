import { asObject } from '../plain.ts'
import { releasePleaseDefaults } from '../release-please/policy.ts'
import {
  readReleasePleaseConfig,
  type ReleasePleaseConfig,
  type ReleasePleasePackage,
} from '../release-please/read-config.ts'
import { readAppConfig, readWorkflow } from '../release-please/read-workflow.ts'
import { createReadText, type ReadText } from './read-text.ts'
import { componentOf, type Past, type Setting, type SettingOf } from './setting.ts'

const CONFIG = 'release-please-config.json'
const APP = '.github/release-please.yml'
const WORKFLOW = /^\.github\/workflows\/[^/]+\.ya?ml$/

// Where nothing is configured the release was made before the tool came, or by hand: then a breaking change keeps a 0.x version at 0.x.
const UNCONFIGURED = { ...releasePleaseDefaults(), bumpMinorPreMajor: true }

/** Reads release-please's configuration as it stood at each release. */
export async function releasePleaseSettings(past: Past): Promise<SettingOf> {
  const commits = [...new Set(past.releases.map(({ commit }) => commit))]
  const files = seenFiles(past)
  await past.snapshots.load(commits, files)
  const readText = createReadText(past.note)
  const configs = new Map<string, ReleasePleaseConfig | null>()
  return (release) => {
    if (!configs.has(release.commit))
      configs.set(release.commit, readConfig(release.commit, files, past, readText))
    const config = configs.get(release.commit)!
    return settingOf(release.component, config)
  }
}

// Only paths that some commit has touched can ever have existed.
function seenFiles({ history }: Past): string[] {
  const seen = new Set<string>()
  for (const { paths } of history.commits) {
    for (const path of paths) {
      const name = path.slice(path.lastIndexOf('/') + 1)
      const config =
        name.startsWith('release-please') && name.endsWith('.json') && !name.includes('manifest')
      if (config || path === APP || path === '.github/release-please.yaml' || WORKFLOW.test(path))
        seen.add(path)
    }
  }
  return [...seen].toSorted()
}

function readConfig(
  commit: string,
  files: readonly string[],
  past: Past,
  readText: ReadText,
): ReleasePleaseConfig | null {
  const read = (path: string): unknown => readText(past.snapshots.text(commit, path), path, commit)
  const workflows = files
    .filter(
      (path) =>
        WORKFLOW.test(path) &&
        past.snapshots.text(commit, path)?.includes('release-please-action@') === true,
    )
    .map((path) => readWorkflow(read(path)))
  const configFile = workflows
    .map((inputs) => inputs?.configFile)
    .find((file) => file !== undefined && file !== null)
  const manifest = read(configFile ?? CONFIG)
  if (manifest !== undefined) return readReleasePleaseConfig(asObject(manifest))
  const own = workflows.flatMap((inputs) => inputs?.config?.packages ?? [])
  if (own.length > 0) return { packages: own, linked: [], workspaces: [] }
  return readAppConfig(read(APP)) ?? readAppConfig(read('.github/release-please.yaml'))
}

function settingOf(name: string, config: ReleasePleaseConfig | null): Setting {
  const own = config === null ? undefined : findPackage(name, config)
  if (config === null || own === undefined) {
    const component = componentOf(name, '.')
    return { component, components: [component], policy: UNCONFIGURED }
  }
  const components = config.packages.map((one) => ({
    ...componentOf(one === own ? name : `path:${one.path}`, one.path),
    exclude: one.exclude,
  }))
  return { component: components[config.packages.indexOf(own)]!, components, policy: own.policy }
}

/** The package whose tags carry this name. */
function findPackage(
  name: string,
  { packages }: ReleasePleaseConfig,
): ReleasePleasePackage | undefined {
  if (name === '')
    return (
      packages.find(({ inTag }) => !inTag) ??
      packages.find(({ path }) => path === '.') ??
      (packages.length === 1 ? packages[0] : undefined)
    )
  return (
    packages.find(({ component }) => component === name) ??
    packages.find(({ path, component }) => component === undefined && path === name) ??
    packages.find(({ path, component }) => component === undefined && path.endsWith(`/${name}`))
  )
}
