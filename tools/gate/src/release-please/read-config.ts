import { asFlag, asList, asObject, asText, type Plain } from '../plain.ts'
import {
  releasePleaseDefaults,
  type ReleasePleasePolicy,
  type ReleasePleaseSection,
  type ReleasePleaseVersioning,
} from './policy.ts'

/** One package of a release-please configuration. */
export interface ReleasePleasePackage {
  /** `.` for the root. */
  readonly path: string
  readonly releaseType: string
  /** The configured component or package name; undefined where release-please reads it from the manifest. */
  readonly component: string | undefined
  /** Whether its tags carry the component. */
  readonly inTag: boolean
  /** From the repository's root. */
  readonly exclude: readonly string[]
  readonly policy: ReleasePleasePolicy
}

export interface ReleasePleaseConfig {
  readonly packages: readonly ReleasePleasePackage[]
  /** Groups of components that share a version (the `linked-versions` plugin). */
  readonly linked: readonly (readonly string[])[]
  /** Plugins that release what depends on a released package: `node-workspace`, `cargo-workspace` … */
  readonly workspaces: readonly string[]
}

/** Reads a `release-please-config.json`. */
export function readReleasePleaseConfig(config: Plain): ReleasePleaseConfig {
  const packages = Object.entries(asObject(config['packages'])).map(([path, own]) =>
    readPackage(path, { ...config, ...asObject(own) }),
  )
  const plugins = asList(config['plugins']).map((plugin) =>
    typeof plugin === 'string' ? { type: plugin } : asObject(plugin),
  )
  return {
    packages,
    linked: plugins
      .filter(({ type }) => type === 'linked-versions')
      .map((plugin) => asList((plugin as Plain)['components']).map(String)),
    workspaces: plugins
      .map(({ type }) => String(type))
      .filter((type) => type.endsWith('-workspace')),
  }
}

/** Reads one package's options, defaults mixed in. */
export function readPackage(path: string, options: Plain): ReleasePleasePackage {
  const releaseType = asText(options['release-type']) ?? 'node'
  const name = asText(options['component']) ?? asText(options['package-name'])
  return {
    path: path.replace(/^\.\//, '').replace(/\/+$/, '') || '.',
    releaseType,
    component: name?.replace(/^@[\w-]+\//, ''),
    inTag: asFlag(options['include-component-in-tag']) ?? true,
    exclude: asList(options['exclude-paths']).map(String),
    policy: readPolicy(releaseType, options),
  }
}

function readPolicy(releaseType: string, options: Plain): ReleasePleasePolicy {
  const defaults = releasePleaseDefaults(releaseType)
  const sections = readSections(options['changelog-sections'])
  return {
    ...defaults,
    sections: sections ?? defaults.sections,
    bumpMinorPreMajor: asFlag(options['bump-minor-pre-major']),
    bumpPatchForMinorPreMajor: asFlag(options['bump-patch-for-minor-pre-major']),
    versioning: asText(options['versioning']) as ReleasePleaseVersioning | undefined,
    prerelease: asFlag(options['prerelease']),
    prereleaseType: asText(options['prerelease-type']),
    releaseAs: asText(options['release-as']),
    initialVersion: asText(options['initial-version']) ?? defaults.initialVersion,
  }
}

function readSections(value: unknown): ReleasePleaseSection[] | undefined {
  const list = asList(value).map(asObject)
  if (list.length === 0) return undefined
  return list.map(({ type, scope, hidden }) => ({
    type: String(type),
    scope: asText(scope),
    hidden: asFlag(hidden),
  }))
}
