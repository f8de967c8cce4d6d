import { canonicalJson, describe, type Descriptor, type Platform } from '@waybill/core'
import { mediaTypes } from '@waybill/oci'
import type { StoredLayer } from './layer-store.ts'

/** A layer and what history says of it. */
export interface BaseLayer {
  readonly layer: StoredLayer
  readonly comment: string
}

/** A manifest or configuration. */
export interface Document {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

/** The manifest of one platform, and the documents it and its configuration are. */
export interface PlatformImage {
  readonly manifest: Descriptor
  readonly documents: readonly Document[]
}

export interface ImageOptions {
  readonly platform: Platform
  readonly user: 'root' | 'nonroot'
}

/** Makes the configuration and manifest of one platform. */
export function platformImage(layers: readonly BaseLayer[], options: ImageOptions): PlatformImage {
  const config = document(mediaTypes.config, configOf(layers, options))
  const manifest = document(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: config.descriptor,
    layers: layers.map(({ layer: { digest, size } }) => ({
      mediaType: mediaTypes.layerGzip,
      digest,
      size,
    })),
  })
  const described = { ...manifest.descriptor, platform: options.platform }
  return { manifest: described, documents: [config, manifest] }
}

/** Makes the index over all platforms. */
export function imageIndex(manifests: readonly Descriptor[]): Document {
  return document(mediaTypes.index, {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests,
  })
}

function document(mediaType: string, value: unknown): Document {
  const bytes = Buffer.from(canonicalJson(value))
  return { descriptor: describe(mediaType, bytes), bytes }
}

// Without an entrypoint: the base runs nothing by itself. `created` is the youngest file's time, since no clock may show.
function configOf(layers: readonly BaseLayer[], { platform, user }: ImageOptions): unknown {
  const latest = Math.max(0, ...layers.map(({ layer }) => layer.created))
  const created = dateOf(latest)
  const nonroot = user === 'nonroot'
  return {
    ...platform,
    created,
    config: {
      User: nonroot ? '65532' : '0',
      WorkingDir: nonroot ? '/home/nonroot' : '/',
      Env: [
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt',
      ],
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ layer }) => layer.diffId) },
    history: layers.map(({ comment }) => ({ created, created_by: comment })),
  }
}

function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
