import type { Content, ContextOptions, Descriptor, Digest, Release, Cache } from '@waybill/core'
import type { BaseImage } from '@waybill/oci'
import type { ConfigOptions } from './config-options.ts'
import type { DeflatedPiece } from '@waybill/archive'
import type { PlatformBinary } from './binaries.ts'
import type { FactsOptions } from '../facts/types.ts'

/** What an image has to know of its release; what is left out is not written into it. */
export type ImageRelease = Pick<Release, 'component' | 'created'> & Partial<Release>

export interface AssembleOptions extends ContextOptions, FactsOptions {
  /** What to build upon, named by digest; `scratch` is nothing at all. What is still being looked up is waited for while binaries are compressed. */
  readonly base: BaseImage | Promise<BaseImage>
  /** Where the binary goes, absolute. */
  readonly path: string
  readonly config?: ConfigOptions | undefined
  /** Over `config.labels` and those that are set by themselves. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** On the index and on every manifest. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** The address of the source code, for `org.opencontainers.image.source`. */
  readonly source?: string | undefined
  /** Why a binary may be put upon a base it does not seem to start on. @default it may not */
  readonly fitWaived?: string | undefined
}

/** The image of one platform, as it was assembled. */
export interface AssembledPlatform {
  readonly platform: string
  readonly descriptor: Descriptor
  readonly layers: readonly {
    readonly digest: Digest
    readonly size: number
    readonly diffId: Digest
  }[]
}

/** An image index and everything it consists of. Base layers are read from where they are when they are asked for. */
export interface AssembledImage {
  readonly descriptor: Descriptor
  readonly content: Content
  readonly images: readonly AssembledPlatform[]
  /** Where the binary is. */
  readonly path: string
}

export interface LayerInput {
  readonly binary: PlatformBinary
  /** Where the binary goes, absolute. */
  readonly path: string
  /** Folders the base lacks, absolute. */
  readonly parents: readonly string[]
  /** Seconds since 1970, of every member. */
  readonly mtime: number
}

export interface MadeLayer {
  readonly descriptor: Descriptor
  readonly diffId: Digest
  open(): AsyncIterable<Uint8Array>
  /** The digest of the binary that was compressed into it just now; absent where a cache had the layer. */
  readonly written?: Digest
}

export interface LayerOptions {
  readonly cache?: Cache | undefined
  /** The binary, where its compressing has begun already. */
  readonly begun?: AsyncIterable<DeflatedPiece> | undefined
  readonly signal?: AbortSignal | undefined
}

export type PlatformOptions = Omit<AssembleOptions, 'base' | 'cache'> &
  LayerOptions & { readonly base: BaseImage }
