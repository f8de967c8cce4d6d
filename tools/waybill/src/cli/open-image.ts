import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import {
  WaybillError,
  createContext,
  isWaybillError,
  messageOf,
  type Content,
  type ContextOptions,
} from '@waybill/core'
import { loadContent, openLayout, type Base, type BaseImage } from '@waybill/oci'
import { readDockerArchive } from '@waybill/image'
import { findPlace, isPathLike, type ImagePlace } from './image-place.ts'
import type { RegistryValues } from './options.ts'

/** What a command was given to find an image with. */
export type ImageAccess = ContextOptions & RegistryValues

type Work<Given, Result> = (image: Given) => Promise<Result>

/**
 * Opens an image and lets `work` have it: a folder with an OCI layout, a docker archive, `-` for one on standard input, each with
 * `:NAME` behind it where several are in it, or a reference in a registry. What opening it took is removed when the work is done.
 * @throws {ERR_FILE_MISSING} for what can only be a path and leads nowhere, and what opening throws.
 */
export function withImage<Result>(
  reference: string,
  access: ImageAccess,
  work: Work<Base, Result>,
): Promise<Result> {
  const place = findPlace(reference, createContext(access).cwd)
  if (place?.kind === 'archive') return withArchive(place, access, work)
  return (place === undefined ? openReference(reference, access) : openPlace(place)).then(work)
}

/** The same for everything an image holds. */
export function withContent<Result>(
  reference: string,
  access: ImageAccess,
  work: Work<Content, Result>,
): Promise<Result> {
  return withImage(reference, access, async ({ source, descriptor }) =>
    work(await loadContent(source, descriptor, { signal: access.signal })),
  )
}

/** The same for what `--base` names, which may be `scratch`. */
export function withBase<Result>(
  reference: string,
  access: ImageAccess,
  work: Work<BaseImage, Result>,
): Promise<Result> {
  return reference === 'scratch' ? work(reference) : withImage(reference, access, work)
}

/** The same, but the work begins while a registry is still asked what the reference means. */
export function withComingBase<Result>(
  reference: string,
  access: ImageAccess,
  work: Work<Promise<BaseImage>, Result>,
): Promise<Result> {
  const isFile = findPlace(reference, createContext(access).cwd) !== undefined
  if (isFile || reference === 'scratch')
    return withBase(reference, access, (base) => work(Promise.resolve(base)))
  return work(openReference(reference, access))
}

async function withArchive<Result>(
  { path, name }: ImagePlace,
  access: ImageAccess,
  work: Work<Base, Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-image-'))
  try {
    const layout = await openLayout(folder, { create: true })
    const tag = name === '' ? {} : { tag: name }
    const descriptor = await readDockerArchive(path, layout, { ...access, ...tag })
    return await work({ reference: basename(path), descriptor, source: layout })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

// Where an image lay on this machine is nobody's business: its label names the folder alone.
async function openPlace({ path, name }: ImagePlace): Promise<Base> {
  const layout = await openLayout(path)
  return { reference: basename(path), descriptor: await layout.resolve(name), source: layout }
}

async function openReference(reference: string, access: ImageAccess): Promise<Base> {
  if (isPathLike(reference)) throw missing(reference)
  const { parseReference, resolveImage } = await import('@waybill/registry')
  const { registry, repository } = parseReference(reference)
  const assumed = registry === 'docker.io' && !/^[^/]*docker\.io\//i.test(reference)
  const said = `no folder or file "${reference}" is here, so it is taken for ${registry}/${repository}`
  if (assumed) createContext(access).logger.info(said)
  return resolveImage(reference, access).catch((error: unknown) => {
    throw assumed && isWaybillError(error) ? also(error, said) : error
  })
}

function missing(path: string): WaybillError {
  return new WaybillError('ERR_FILE_MISSING', `There is no folder or file ${path}`, {
    outcome: 'usage',
    hint: 'Name a folder with an OCI layout, a docker archive, or a reference such as ghcr.io/acme/hello:1.0.0.',
  })
}

function also(error: WaybillError, said: string): WaybillError {
  return new WaybillError(error.code as `ERR_${string}`, `${messageOf(error)} (${said})`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    details: error.details,
    outcome: error.outcome,
    cause: error,
  })
}
