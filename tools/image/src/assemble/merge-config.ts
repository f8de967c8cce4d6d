import type { Digest } from '@waybill/core'
import { type HistoryEntry, type ImageConfig, type RunConfig } from '@waybill/oci'
import { defined } from '@waybill/oci/internal'
import {
  expandPorts,
  healthcheckConfig,
  invalidConfig,
  type ConfigOptions,
} from './config-options.ts'
import { program, signalName, userName } from './config-words.ts'

export interface ConfigChanges {
  readonly config: ConfigOptions
  readonly labels: Readonly<Record<string, string>>
  /** RFC 3339. */
  readonly created: string
  /** The binary's path. */
  readonly path: string
  readonly diffId: Digest
  /** How the layer was made, for the history. */
  readonly createdBy: string
}

/** The image's configuration: the base's, what was asked for laid over it, and one layer more. Pure. */
export function mergeConfig(base: ImageConfig, changes: ConfigChanges): ImageConfig {
  const { os, architecture, variant } = base
  const layer: HistoryEntry = { created: changes.created, created_by: changes.createdBy }
  return defined<ImageConfig>({
    os,
    architecture,
    variant,
    'os.version': base['os.version'],
    'os.features': base['os.features'],
    created: changes.created,
    config: mergeRunConfig(base.config, changes),
    rootfs: { type: 'layers', diff_ids: [...base.rootfs.diff_ids, changes.diffId] },
    history: [...completeHistory(base), layer],
  })
}

// Every layer has its entry, or tools that count them show the wrong one; bases by some tools have too few.
function completeHistory({ history, rootfs }: ImageConfig): readonly HistoryEntry[] {
  const known = history.filter((entry) => entry.empty_layer !== true).length
  const kept = known > rootfs.diff_ids.length ? [] : history
  const missing = rootfs.diff_ids.length - (kept === history ? known : 0)
  const unknown: HistoryEntry = { comment: 'a layer of the base, made in a way not told' }
  return [...Array.from({ length: missing }, () => unknown), ...kept]
}

export interface RunChanges {
  readonly config: ConfigOptions
  readonly labels: Readonly<Record<string, string>>
  /** The binary that is to be started. @default what the image starts already */
  readonly path?: string
  /** The labels that describe the image stay; for changes of an image, not for one built upon another. */
  readonly keepLabels?: boolean
}

/** How an image runs, with changes laid over it. */
export function mergeRunConfig(base: RunConfig, changes: RunChanges): RunConfig {
  const { config, labels, path } = changes
  const { OnBuild: _onBuild, ...kept } = base
  const entrypoint = program(config.entrypoint) ?? (path === undefined ? undefined : [path])
  const merged = {
    ...kept,
    User: config.user === undefined ? base.User : userName(config.user),
    Env: mergeEnv(base.Env ?? [], config.env ?? {}),
    Entrypoint: entrypoint ?? base.Entrypoint,
    Cmd: config.cmd ?? (entrypoint === undefined ? base.Cmd : undefined),
    ExposedPorts: addKeys(base.ExposedPorts, expandPorts(config.exposedPorts ?? [])),
    Volumes: addKeys(base.Volumes, (config.volumes ?? []).map(assertAbsolute('volumes'))),
    WorkingDir: config.workingDir === undefined ? base.WorkingDir : workingDir(config.workingDir),
    Labels: { ...(changes.keepLabels ? base.Labels : keptLabels(base.Labels ?? {})), ...labels },
    StopSignal: config.stopSignal === undefined ? base.StopSignal : signalName(config.stopSignal),
    Healthcheck:
      config.healthcheck === undefined ? base.Healthcheck : healthcheckConfig(config.healthcheck),
  }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => !isEmpty(value)))
}

// What is empty is left out: readers take both for the same, digests do not.
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && Object.keys(value).length === 0
}

function mergeEnv(base: readonly string[], added: Readonly<Record<string, string>>): string[] {
  const rest = new Map(Object.entries(added))
  for (const [name, value] of rest) {
    if (name === '' || /[=\0]/.test(name) || value.includes('\0'))
      throw invalidConfig('env', 'names and values without NUL, names without =', name)
  }
  const merged = base.map((entry) => {
    const name = entry.split('=', 1)[0]!
    const value = rest.get(name)
    return value !== undefined && rest.delete(name) ? `${name}=${value}` : entry
  })
  return [...merged, ...[...rest].map(([name, value]) => `${name}=${value}`)]
}

function addKeys(
  base: Readonly<Record<string, object>> | undefined,
  keys: readonly string[],
): Readonly<Record<string, object>> {
  return { ...base, ...Object.fromEntries(keys.map((key) => [key, {}])) }
}

const assertAbsolute =
  (field: string) =>
  (path: string): string => {
    if (path.startsWith('/') && !path.includes('\0')) return path
    throw invalidConfig(field, 'an absolute path', path)
  }

const workingDir = assertAbsolute('workingDir')

// These describe the base itself, and would be lies about what is built upon it.
function keptLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).filter(
      ([name]) => !/^org\.(?:opencontainers\.image|label-schema)\./.test(name),
    ),
  )
}
