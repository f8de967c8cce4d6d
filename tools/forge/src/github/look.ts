import type { NamedDigest, Release } from '@waybill/core'
import { digestOfAsset, listAssets, type GithubAsset } from './assets.ts'
import { LATEST, observeLatest } from './latest.ts'
import type { GithubClient } from './place.ts'
import { findReleases, listReleases, type GithubRelease, type TagReleases } from './release.ts'
import { commitOfTag } from './tags.ts'

/** Looks at what stands of a release. */
export interface Look {
  /** The tags of every published release. */
  tags(signal?: AbortSignal): Promise<readonly string[]>
  name(name: string, signal?: AbortSignal): Promise<NamedDigest | undefined>
  /** Where a person looks at a name that was seen to stand. */
  url(name: string): string | undefined
}

interface OneRelease {
  readonly release: Release
  /** Whether a draft is as good as a published release. */
  readonly draft: boolean
}

/** Everything of one tag: the release that counts, and its files. */
interface Seen extends TagReleases {
  readonly assets: readonly GithubAsset[]
}

/** Looks at the release of one tag, which is asked for once where several of its names are looked at together. */
export function createLook(place: GithubClient, { release, draft }: OneRelease): Look {
  const urls = new Map<string, string>()
  const { tag, commit } = release
  const seen = shared(async (signal?: AbortSignal) => {
    const found = await see(place, tag, signal)
    remember(urls, tag, found)
    return found
  })
  return {
    tags: async (signal) =>
      (await listReleases(place, signal)).filter((one) => !one.draft).map((one) => one.tag),
    async name(name, signal) {
      if (name === LATEST) return observeLatest(place, signal)
      const found = await seen(signal)
      if (name !== tag) return digestOfFile(place, name.slice(tag.length + 1), found, signal)
      if (found.published !== undefined) return commitOfTag(place, tag, signal)
      const isThere = draft && found.drafts[0]?.target === commit
      return isThere ? `gitCommit:${commit}` : undefined
    },
    url: (name) => urls.get(name),
  }
}

async function see(
  place: GithubClient,
  tag: string,
  signal: AbortSignal | undefined,
): Promise<Seen> {
  const standing = await findReleases(place, tag, signal)
  const one = standing.published ?? standing.drafts[0]
  return { ...standing, assets: one === undefined ? [] : await listAssets(place, one, signal) }
}

function remember(
  urls: Map<string, string>,
  tag: string,
  { published, drafts, assets }: Seen,
): void {
  const one: GithubRelease | undefined = published ?? drafts[0]
  urls.clear()
  if (one !== undefined) urls.set(tag, one.url)
  if (published !== undefined) urls.set(LATEST, published.url)
  for (const { name, url } of assets) urls.set(`${tag}/${name}`, url)
}

async function digestOfFile(
  place: GithubClient,
  file: string,
  { assets }: Seen,
  signal: AbortSignal | undefined,
): Promise<NamedDigest | undefined> {
  const asset = assets.find(({ name }) => name === file)
  // What is left of an upload that broke off is no file.
  return asset?.whole === true ? digestOfAsset(place, asset, signal) : undefined
}

function shared<Result>(
  work: (signal?: AbortSignal) => Promise<Result>,
): (signal?: AbortSignal) => Promise<Result> {
  let running: Promise<Result> | undefined
  return (signal) =>
    (running ??= work(signal).finally(() => {
      running = undefined
    }))
}
