import { WaybillError, isWaybillError } from '@waybill/core'
import { askGithub } from './ask.ts'
import {
  digestOfAsset,
  listAssets,
  removeAsset,
  uploadedAsset,
  type GithubAsset,
} from './assets.ts'
import { mediaTypeOf, readReleaseFile, type AssetFile } from './files.ts'
import { assertUploadOrigin, type GithubClient } from './place.ts'
import type { GithubRelease } from './release.ts'

const TRIES = 3

export interface UploadOptions {
  readonly signal: AbortSignal | undefined
  /** What stood under the file's name when the files were last listed. */
  readonly standing: GithubAsset | undefined
}

/**
 * Brings one file into a draft; tells whether it was sent. What stands with the same bytes is left alone, what stands with others is
 * never replaced, and what is left of an upload that broke off is removed first. The file is hashed while it is sent.
 * @throws {ERR_IMMUTABLE_TAG} naming both digests, {ERR_DIGEST_MISMATCH} for a file that was changed after it was made.
 */
export async function uploadFile(
  place: GithubClient,
  draft: GithubRelease,
  file: AssetFile,
  options: UploadOptions,
): Promise<boolean> {
  const { signal } = options
  let { standing } = options
  for (let attempt = 1; ; attempt++) {
    if (standing?.whole === true) {
      await assertSame(place, { draft, file, standing }, signal)
      return attempt > 1
    }
    if (standing !== undefined) await removeAsset(place, standing, signal)
    const failure = await send(place, draft, file, signal)
    if (failure === undefined) return true
    const isChanged = isWaybillError(failure, 'ERR_DIGEST_MISMATCH')
    if (!isChanged && (attempt >= TRIES || !isWorthAnother(failure))) throw failure
    standing = (await listAssets(place, draft, signal)).find(isNamed(file))
    if (isChanged) throw await withoutRemains(place, standing, { failure, signal })
  }
}

// The end of a file that was changed is never sent; what the forge has of it is nobody's file.
async function withoutRemains(
  place: GithubClient,
  standing: GithubAsset | undefined,
  { failure, signal }: { readonly failure: unknown; readonly signal: AbortSignal | undefined },
): Promise<unknown> {
  if (standing?.whole === false) await removeAsset(place, standing, signal).catch(() => {})
  return failure
}

/** Whether an asset has a file's name. */
export function isNamed({ artifact }: AssetFile): (asset: GithubAsset) => boolean {
  return ({ name }) => name === artifact.name
}

// Whether something came of it is seen in the list: after no answer, after a gateway's, and where somebody else was faster.
function isWorthAnother(error: unknown): boolean {
  if (!isWaybillError(error)) return false
  return (
    error.code === 'ERR_NETWORK' || error.code === 'ERR_FORGE' || error.code === 'ERR_READ_BACK'
  )
}

// The failure is a value: the list is asked what came of the upload.
async function send(
  place: GithubClient,
  draft: GithubRelease,
  file: AssetFile,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  try {
    const asset = await post(place, draft, file, signal)
    await assertArrived(place, file, asset, signal)
    return undefined
  } catch (error) {
    return error
  }
}

async function post(
  place: GithubClient,
  draft: GithubRelease,
  file: AssetFile,
  signal: AbortSignal | undefined,
): Promise<GithubAsset> {
  const { artifact } = file
  const what = `${place.name}: uploading ${artifact.name}`
  const url = new URL(draft.uploadUrl)
  assertUploadOrigin(place, url)
  url.search = new URLSearchParams({ name: artifact.name }).toString()
  const response = await askGithub(place, url.href, {
    method: 'POST',
    headers: { 'content-type': mediaTypeOf(artifact), 'content-length': String(artifact.size) },
    body: () => readReleaseFile(file),
    signal,
  })
  return uploadedAsset(response, what)
}

// What was changed on its way, or named otherwise, is taken away again: it was ours, and nobody has seen it.
async function assertArrived(
  place: GithubClient,
  { artifact }: AssetFile,
  asset: GithubAsset,
  signal: AbortSignal | undefined,
): Promise<void> {
  const found = await digestOfAsset(place, asset, signal)
  if (found === artifact.digest && asset.name === artifact.name) return
  await removeAsset(place, asset, signal)
  throw new WaybillError(
    'ERR_READ_BACK',
    `${place.name}: ${artifact.name} was uploaded as ${artifact.digest}, and stands as ${asset.name}, ${found}`,
    { hint: 'Run the same again.' },
  )
}

interface Same {
  readonly draft: GithubRelease
  readonly file: AssetFile
  readonly standing: GithubAsset
}

async function assertSame(
  place: GithubClient,
  { draft, file, standing }: Same,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { name, digest: wanted } = file.artifact
  const found = await digestOfAsset(place, standing, signal)
  if (found === wanted) return
  throw new WaybillError(
    'ERR_IMMUTABLE_TAG',
    `${place.name}: ${draft.tag}/${name} never changes once uploaded; wanted ${wanted}, found ${found}`,
    {
      hint: 'Release under a new version; where nobody has seen the draft, remove the file from it by hand.',
      details: { destination: place.name, name: `${draft.tag}/${name}`, wanted, found },
    },
  )
}
