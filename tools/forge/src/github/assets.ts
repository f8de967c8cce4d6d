import {
  WaybillError,
  createDigester,
  header,
  isDigest,
  type Digest,
  type HttpResponse,
} from '@waybill/core'
import { askGithub, readAnswer, readPages } from './ask.ts'
import { answerError } from './errors.ts'
import { resolveRedirect, type GithubClient } from './place.ts'
import type { GithubRelease } from './release.ts'

/** A file of a release as the API gives it, as far as it is used. */
export interface GithubAsset {
  readonly id: number
  readonly name: string
  /** False where an upload began and did not end. */
  readonly whole: boolean
  readonly size: number
  /** Undefined where the forge does not say: files of before June 2025, older servers. */
  readonly digest: Digest | undefined
  /** Where a person gets it. */
  readonly url: string
}

/** Lists every file of a release. */
export async function listAssets(
  place: GithubClient,
  { id, tag }: GithubRelease,
  signal?: AbortSignal,
): Promise<readonly GithubAsset[]> {
  const what = `${place.name}: the files of ${tag}`
  const assets = await readPages(place, `/releases/${id}/assets`, { signal, what })
  return assets.map((asset) => parseAsset(asset, what))
}

/** Reads a file of an answer. @throws {ERR_FORGE} */
export function parseAsset(value: unknown, what: string): GithubAsset {
  const {
    id,
    name,
    state,
    size,
    digest,
    browser_download_url: url,
  } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (typeof id !== 'number' || typeof name !== 'string' || typeof size !== 'number')
    throw new WaybillError('ERR_FORGE', `${what}: the answer is no file`, { outcome: 'unknown' })
  return {
    id,
    name,
    whole: state === 'uploaded',
    size,
    digest: isDigest(digest) ? digest : undefined,
    url: typeof url === 'string' ? url : '',
  }
}

// A file never changes under its id.
const known = new WeakMap<GithubClient, Map<number, Digest>>()

/** A file's digest: as the forge says, else of its bytes, which are fetched. */
export async function digestOfAsset(
  place: GithubClient,
  asset: GithubAsset,
  signal?: AbortSignal,
): Promise<Digest> {
  if (asset.digest !== undefined) return asset.digest
  const digests = known.get(place) ?? new Map<number, Digest>()
  known.set(place, digests)
  const digest = digests.get(asset.id) ?? (await digestByBytes(place, asset, signal))
  digests.set(asset.id, digest)
  return digest
}

async function digestByBytes(
  place: GithubClient,
  asset: GithubAsset,
  signal?: AbortSignal,
): Promise<Digest> {
  const digester = createDigester()
  const response = await download(place, asset, signal)
  for await (const chunk of response.body) digester.update(chunk)
  if (digester.size === asset.size) return digester.digest()
  throw new WaybillError(
    'ERR_READ_BACK',
    `${place.name}: ${asset.name} has ${asset.size} bytes, ${digester.size} were read`,
    { hint: 'Run the same again.', outcome: 'unknown' },
  )
}

// The bytes lie elsewhere, behind an address that is its own authorization: the token is not sent along.
async function download(
  place: GithubClient,
  { id, name }: GithubAsset,
  signal = place.signal,
): Promise<HttpResponse> {
  const what = `${place.name}: the file ${name}`
  const url = `${place.url}/releases/assets/${id}`
  const { token, http } = place
  const headers = {
    accept: 'application/octet-stream',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  let response = await http.request(url, { headers, signal })
  for (let hops = 0; [301, 302, 303, 307, 308].includes(response.status) && hops < 5; hops++) {
    await response.discard()
    const to = resolveRedirect(header(response, 'location'), response.url, 'redirect')
    response = await http.request(to.href, { signal })
  }
  if (response.status !== 200) throw await answerError(response, what)
  return response
}

/** Removes a file of a draft; one that is gone already is as good. */
export async function removeAsset(
  place: GithubClient,
  { id, name }: GithubAsset,
  signal?: AbortSignal,
): Promise<void> {
  const url = `${place.url}/releases/assets/${id}`
  const response = await askGithub(place, url, { method: 'DELETE', signal })
  if (response.status === 204 || response.status === 404) return response.discard()
  throw await answerError(response, `${place.name}: removing what is left of ${name}`)
}

/** Reads the answer to an upload. */
export async function uploadedAsset(response: HttpResponse, what: string): Promise<GithubAsset> {
  return parseAsset(await readAnswer(response, what, [201]), what)
}
