import type { Descriptor } from '@waybill/core'

export interface FetchOptions {
  readonly signal?: AbortSignal | undefined
}

/** Where content is read from: memory, a layout, a docker archive, a registry's repository. */
export interface Source {
  /** For people: `ghcr.io/acme/scim`, a folder. */
  readonly name: string
  /** The repository that others may mount or fetch this content from; registries say it. */
  readonly origin?: string
  /**
   * The descriptor a tag or digest stands for.
   * @throws {ERR_NOT_FOUND}
   */
  resolve(reference: string, options?: FetchOptions): Promise<Descriptor>
  /**
   * Reads content; size and digest are checked while reading.
   * @throws {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING}
   */
  fetch(descriptor: Descriptor, options?: FetchOptions): AsyncIterable<Uint8Array>
}

/** Where content is written to as well. */
export interface Target extends Source {
  exists(descriptor: Descriptor, options?: FetchOptions): Promise<boolean>
  /**
   * Brings content here; content that is here already is not written again. `open` opens it anew for every try.
   * @throws {ERR_DIGEST_MISMATCH} when it is not what the descriptor says; nothing is left behind then.
   */
  push(
    descriptor: Descriptor,
    open: () => AsyncIterable<Uint8Array>,
    options?: FetchOptions,
  ): Promise<void>
  /** Points a tag at content that is here. @throws {ERR_CONTENT_MISSING} */
  tag(descriptor: Descriptor, reference: string, options?: FetchOptions): Promise<void>
}

/** An image to build upon, pinned by digest. */
export interface Base {
  /** What it was called: `gcr.io/distroless/static-debian13:nonroot`. */
  readonly reference: string
  /** Its index or its single manifest. */
  readonly descriptor: Descriptor
  readonly source: Source
}

/** What an image is built upon; `scratch` is nothing at all. */
export type BaseImage = Base | 'scratch'
