import type { ImageConfig } from '@waybill/oci'
import type { ConfigOptions } from './config-options.ts'
import { timestamp } from './json-item.ts'
import { mergeRunConfig } from './merge-config.ts'

export interface ReconfigureOptions {
  /** Laid over the image's own; an entrypoint that is given takes the place of its command too. */
  readonly config?: ConfigOptions | undefined
  /** Over `config.labels`. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Seconds since 1970, of the image and of every entry of its history. @default as they are */
  readonly created?: number | undefined
}

/** An image's configuration with changes; the same object where there are none. Pure. */
export function reconfigure(image: ImageConfig, options: ReconfigureOptions): ImageConfig {
  const { config, labels, created } = options
  if (config === undefined && labels === undefined && created === undefined) return image
  const changes = { config: config ?? {}, labels: { ...config?.labels, ...labels } }
  const changed = {
    ...image,
    config: mergeRunConfig(image.config, { ...changes, keepLabels: true }),
  }
  if (created === undefined) return changed
  const time = timestamp(created)
  const history = image.history.map((entry) => ({ ...entry, created: time }))
  return { ...changed, created: time, history }
}
