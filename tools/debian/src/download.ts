import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  WaybillError,
  digestFile,
  isWaybillError,
  messageOf,
  verified,
  writeFileAtomic,
  type ByteStream,
  type Context,
} from '@waybill/core'
import type { DebianArchive } from './archives.ts'
import type { BaseCache } from './base-cache.ts'
import { getUrl, isAbsent, noSource } from './fetch.ts'
import type { PackagePin } from './lock.ts'

export interface DownloadOptions {
  readonly archives: readonly DebianArchive[]
  readonly base: BaseCache
  /** Called with the number of bytes as they come. */
  readonly onBytes?: (bytes: number) => void
}

function packagePath(folder: string, pin: PackagePin): string {
  return join(folder, 'packages', `${pin.sha256}.deb`)
}

/**
 * Brings a package file into the cache, from whichever archive has it, and gives its path; what is there and whole is not fetched again.
 * @throws {ERR_PACKAGE_VANISHED} when every archive says that it has no such file, {ERR_NO_PACKAGE_SOURCE} (outcome `unknown`) when one could not be asked,
 * {ERR_DIGEST_MISMATCH} when one has other bytes under that name and none has the right ones.
 */
export async function fetchPackage(
  context: Context,
  pin: PackagePin,
  options: DownloadOptions,
): Promise<string> {
  const path = packagePath(options.base.folder, pin)
  if (!(await isWhole(path, pin)))
    return options.base.writing((folder) => download(context, pin, { ...options, folder }))
  options.onBytes?.(pin.size)
  return path
}

async function download(
  context: Context,
  pin: PackagePin,
  options: DownloadOptions & { readonly folder: string },
): Promise<string> {
  const path = packagePath(options.folder, pin)
  const reasons: string[] = []
  let mismatch: unknown
  for (const url of urlsOf(pin, options.archives)) {
    const failure = await tryUrl(context, url, { pin, path, onBytes: options.onBytes })
    if (failure === undefined) return path
    if (isWaybillError(failure, 'ERR_DIGEST_MISMATCH')) mismatch = failure
    if (failure !== 'absent') reasons.push(messageOf(failure))
  }
  if (mismatch !== undefined) throw mismatch
  if (reasons.length > 0) throw noSource(`No source of ${nameOf(pin)}`, reasons)
  throw new WaybillError(
    'ERR_PACKAGE_VANISHED',
    `${nameOf(pin)} (version ${pin.version}) is no longer at any source of Debian packages`,
    {
      hint: 'Debian has replaced it by a newer version: run `waybill lock` to pin that one, and review the change.',
      details: { filename: pin.filename, version: pin.version, sha256: pin.sha256 },
    },
  )
}

const nameOf = (pin: PackagePin): string => pin.filename.replace(/^.*\//, '')

async function isWhole(path: string, pin: PackagePin): Promise<boolean> {
  const facts = await lstat(path).catch(() => undefined)
  if (facts?.isFile() !== true || facts.size !== pin.size) return false
  const found = await digestFile(path).catch(() => undefined)
  return found?.digest === `sha256:${pin.sha256}`
}

// At a point release a security update moves into the main archive, as the same file; so either may have it.
function urlsOf(pin: PackagePin, archives: readonly DebianArchive[]): string[] {
  const plain = pin.filename.replace(/^pool\/updates\//, 'pool/')
  const updates = plain.replace(/^pool\//, 'pool/updates/')
  const names = { main: [plain], updates: [plain], security: [updates, plain] }
  const urls = archives.flatMap(({ uri, part }) => names[part].map((name) => `${uri}/${name}`))
  const asPinned = urls.filter((url) => url.endsWith(`/${pin.filename}`))
  return [...new Set([...asPinned, ...urls])]
}

interface Try {
  readonly pin: PackagePin
  readonly path: string
  readonly onBytes: ((bytes: number) => void) | undefined
}

/** Nothing when it worked, `absent`, or why the source could not tell. A broken transfer is tried once more. */
async function tryUrl(context: Context, url: string, wanted: Try): Promise<unknown> {
  let failure: unknown
  for (let attempt = 0; attempt < 2; attempt++) {
    let received = 0
    try {
      const response = await getUrl(context, url)
      if (response.status !== 200) {
        await response.discard()
        return isAbsent(response.status) ? 'absent' : new Error(`${url}: status ${response.status}`)
      }
      const digest = `sha256:${wanted.pin.sha256}` as const
      const count = (bytes: number): void => {
        received += bytes
        wanted.onBytes?.(bytes)
      }
      const body = counted(response.body, count)
      await writeFileAtomic(wanted.path, verified({ digest, size: wanted.pin.size }, body, url))
      return undefined
    } catch (error) {
      if (context.signal.aborted) throw cancelled(url)
      if (isLocal(error)) throw error
      wanted.onBytes?.(-received)
      failure = error
    }
  }
  return failure
}

function cancelled(url: string): WaybillError {
  return new WaybillError('ERR_CANCELLED', `The download of ${url} was cancelled`)
}

const isLocal = (error: unknown): boolean =>
  isWaybillError(error, 'ERR_DISK_FULL') || isWaybillError(error, 'ERR_NOT_WRITABLE')

async function* counted(
  body: ByteStream,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of body) {
    onBytes(chunk.byteLength)
    yield chunk
  }
}
