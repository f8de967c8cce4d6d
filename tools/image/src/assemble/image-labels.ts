import type { Digest } from '@waybill/core'
import type { Base } from '@waybill/oci'
import { timestamp } from './json-item.ts'
import type { ImageRelease, PlatformOptions } from './types.ts'

// OCI image-spec, annotations.md, "Pre-Defined Annotation Keys".
const KEY = 'org.opencontainers.image.'

type Texts = Readonly<Record<string, string>>

/** The labels of the configuration: what is known by itself, then what was asked for. The base is named by the digest it was given by. */
export function imageLabels(release: ImageRelease, options: PlatformOptions): Texts {
  const { base, config, labels } = options
  const digest = base === 'scratch' ? undefined : base.descriptor.digest
  return { ...known(release, options, digest), ...config?.labels, ...labels }
}

/** The annotations of a manifest or index; `base` is the digest of the base's own manifest or index. */
export function imageAnnotations(
  release: ImageRelease,
  options: PlatformOptions,
  base: Digest | undefined,
): Texts {
  return { ...known(release, options, base), ...options.annotations }
}

function known(release: ImageRelease, { base, source }: PlatformOptions, digest?: Digest): Texts {
  return {
    ...(source === undefined ? {} : { [`${KEY}source`]: source }),
    ...(release.commit ? { [`${KEY}revision`]: release.commit } : {}),
    ...(release.version ? { [`${KEY}version`]: release.version } : {}),
    [`${KEY}created`]: timestamp(release.created),
    ...(base === 'scratch' || digest === undefined ? {} : baseNames(base, digest)),
  }
}

function baseNames(base: Base, digest: Digest): Texts {
  return { [`${KEY}base.name`]: base.reference.split('@')[0]!, [`${KEY}base.digest`]: digest }
}
