import { assertFewValues, parseJson, type Digest, isDigest } from '@waybill/core'
import { CONFIG_SHAPE } from './json-shapes.ts'
import { fieldsOf, platformIn } from './validate.ts'

/** How a container of the image runs. OCI image-spec, config.md; Healthcheck is Docker's. Members of other tools are kept. */
export interface RunConfig {
  readonly User?: string
  readonly ExposedPorts?: Readonly<Record<string, object>>
  readonly Env?: readonly string[]
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Volumes?: Readonly<Record<string, object>>
  readonly WorkingDir?: string
  readonly Labels?: Readonly<Record<string, string>>
  readonly StopSignal?: string
  readonly Healthcheck?: Readonly<Record<string, unknown>>
  readonly [other: string]: unknown
}

export interface HistoryEntry {
  readonly created?: string
  readonly created_by?: string
  readonly author?: string
  readonly comment?: string
  readonly empty_layer?: boolean
}

/** An image's configuration. */
export interface ImageConfig {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly created?: string
  readonly author?: string
  readonly config: RunConfig
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] }
  readonly history: readonly HistoryEntry[]
  readonly [other: string]: unknown
}

// Real ones have some hundred.
const MAX_VALUES = 200_000

/**
 * Reads an image's configuration. `where` names it, for the error.
 * @throws {ERR_INVALID_JSON} {ERR_AMBIGUOUS_JSON} {ERR_INVALID_IMAGE}
 */
export function parseImageConfig(bytes: Uint8Array, where: string): ImageConfig {
  assertFewValues(bytes, MAX_VALUES, where)
  const fields = fieldsOf(parseJson(bytes, where, CONFIG_SHAPE), where)
  const rootfs = fields.fields('rootfs')
  const diffIds = rootfs?.textList('diff_ids') ?? []
  if ((rootfs?.optionalText('type') ?? 'layers') !== 'layers')
    throw fields.fail('rootfs.type', '"layers"')
  if (!diffIds.every(isDigest)) throw fields.fail('rootfs.diff_ids', 'a list of digests')
  const { variant: _variant, ...rest } = fields.value // an empty one says nothing
  return {
    ...rest,
    ...platformIn(fields),
    config: parseRunConfig(fields.value['config'], where),
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: fields.list('history').map((entry) => entry.value as HistoryEntry),
  }
}

function parseRunConfig(value: unknown, where: string): RunConfig {
  if (value === undefined || value === null) return {}
  const fields = fieldsOf(value, `${where} config`)
  for (const name of ['Env', 'Entrypoint', 'Cmd']) fields.textList(name)
  for (const name of ['User', 'WorkingDir', 'StopSignal']) fields.optionalText(name)
  for (const name of ['ExposedPorts', 'Volumes', 'Healthcheck']) fields.fields(name)
  fields.texts('Labels')
  return Object.fromEntries(
    Object.entries(fields.value).filter(([, member]) => member !== null),
  ) as RunConfig
}
