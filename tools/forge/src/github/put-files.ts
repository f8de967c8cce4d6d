import { WaybillError, mapLimit, type PutReport } from '@waybill/core'
import { digestOfAsset, listAssets, type GithubAsset } from './assets.ts'
import { ensurePage } from './draft.ts'
import { findReleases, type GithubRelease } from './release.ts'
import { isNamed, uploadFile } from './upload.ts'
import type { GithubReleaseTarget } from './release-target.ts'

// Few enough not to be taken for a flood.
const MAX_CONCURRENT_FILES = 3

/**
 * Brings the files into the draft, which nobody sees. A published release is left as it is: it must have them all.
 * @throws {ERR_RELEASE_PUBLISHED} {ERR_IMMUTABLE_TAG}
 */
export async function putFiles(
  target: GithubReleaseTarget,
  signal?: AbortSignal,
): Promise<PutReport> {
  const { place, files, release, draft: staysDraft } = target
  const page = await ensurePage(place, target, signal)
  const assets = await listAssets(place, page, signal)
  if (!page.draft) assertWhole(target, page, assets)
  const sent = await mapLimit(files, MAX_CONCURRENT_FILES, async (file) => {
    const standing = assets.find(isNamed(file))
    return (await uploadFile(place, page, file, { standing, signal })) ? [file] : []
  })
  const uploaded = sent.flat().map(({ artifact }) => artifact)
  const named = uploaded.map(({ name }) => `${release.tag}/${name}`)
  return {
    uploaded: uploaded.length,
    mounted: 0,
    present: files.length - uploaded.length,
    bytes: uploaded.reduce((sum, { size }) => sum + size, 0),
    named: staysDraft && page.draft ? [...named, release.tag] : named,
  }
}

// What people may have downloaded is not added to: whoever looked before would have another release.
function assertWhole(
  { place, files }: GithubReleaseTarget,
  { tag, url, immutable }: GithubRelease,
  assets: readonly GithubAsset[],
): void {
  const lacking = files.filter((file) => !assets.some(isNamed(file)))
  if (lacking.length === 0) return
  const names = lacking.map(({ artifact }) => artifact.name).join(', ')
  throw new WaybillError(
    'ERR_RELEASE_PUBLISHED',
    `${place.name}: the release ${tag} is published already and lacks ${names}`,
    {
      hint: immutable
        ? `It is immutable, so nothing can be added: release under a new version (${url}).`
        : `Nothing is added to what people may have downloaded: make it a draft again and run the same (${url}), or release under a new version.`,
      details: {
        destination: place.name,
        tag,
        lacking: lacking.map(({ artifact }) => artifact.name),
      },
    },
  )
}

/** Reads back that every file stands in the release, published or not. @throws {ERR_READ_BACK} */
export async function checkFiles(target: GithubReleaseTarget, signal?: AbortSignal): Promise<void> {
  const { place, files, release } = target
  const { published, drafts } = await findReleases(place, release.tag, signal)
  const page = published ?? drafts[0]
  const assets = page === undefined ? [] : await listAssets(place, page, signal)
  for (const file of files) {
    const asset = assets.find(isNamed(file))
    const found = asset?.whole === true ? await digestOfAsset(place, asset, signal) : undefined
    if (found === file.artifact.digest) continue
    const { name, digest } = file.artifact
    throw new WaybillError(
      'ERR_READ_BACK',
      `${place.name}: ${release.tag}/${name} was uploaded as ${digest}, but read back as ${found ?? 'absent'}`,
      {
        details: { destination: place.name, name: `${release.tag}/${name}`, wanted: digest, found },
      },
    )
  }
}
