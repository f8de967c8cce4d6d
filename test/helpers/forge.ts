// A release to be published at a forge: its files, its destination, and what became of it.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  digestOf,
  type Artifact,
  type Destination,
  type Receipt,
  type Release,
} from '@waybill/core'
import { githubRelease, type GithubReleaseOptions } from '@waybill/forge'
import { planPublish, publish } from '@waybill/publish'
import type { ForgeRelease, TestForge } from '@waybill/testkit'
import { createImage } from './destination.ts'
import { commitOf, folder, lockFolder, release } from './release.ts'

export const REPOSITORY = 'acme/scim'
export const TOKEN = 'ghs_canary0123456789'

export interface ForgeCase extends Partial<GithubReleaseOptions> {
  /** What the files are made from. @default the version */
  readonly seed?: string
  readonly names?: readonly string[]
  /** @default REPOSITORY */
  readonly repository?: string
}

const FILES = [
  'scim-x86_64-unknown-linux-gnu.tar.gz',
  'scim-aarch64-unknown-linux-gnu.tar.gz',
  'SHA256SUMS',
]

/** Files as a build leaves them, in a folder of their own. */
export function releasedFiles(
  seed: string,
  names: readonly string[] = FILES,
): { readonly out: string; readonly files: readonly Artifact[] } {
  const out = mkdtempSync(join(folder, 'dist-'))
  const files = names.map((name): Artifact => {
    const bytes = Buffer.from(`${name} of ${seed}\n`.repeat(40))
    writeFileSync(join(out, name), bytes)
    const kind = name.endsWith('.tar.gz') ? 'archive' : 'checksums'
    return { kind, name, path: name, digest: digestOf(bytes), size: bytes.byteLength }
  })
  return { out, files }
}

/** The destination of a version at a forge, and the release it is of. */
export function pageOf(
  forge: Pick<TestForge, 'api'>,
  version: string,
  { seed = version, names, repository = REPOSITORY, ...options }: ForgeCase = {},
): { readonly page: Destination; readonly release: Release } {
  const made = release(version, commitOf(seed))
  const page = githubRelease(repository, {
    release: made,
    ...releasedFiles(seed, names),
    token: TOKEN,
    api: forge.api,
    env: {},
    ...options,
  })
  return { page, release: made }
}

/** Plans and publishes a version to a forge, and nowhere else. */
export async function publishPage(
  forge: Pick<TestForge, 'api'>,
  version: string,
  options: ForgeCase = {},
): Promise<Receipt> {
  const { page, release: of } = pageOf(forge, version, options)
  const content = createImage(options.seed ?? version)
  const to = { page }
  const plan = await planPublish(of, content, { to })
  return publish(plan, { content, to, lockFolder })
}

/** The releases of the repository. */
export const releasesOf = (forge: TestForge): readonly ForgeRelease[] =>
  forge.repository(REPOSITORY)?.releases ?? []

/** What a receipt says, a line a name. */
export const lines = ({ results }: Receipt): string[] =>
  results.map(
    ({ name, kind, digest, outcome }) => `${name} ${kind} ${digest.slice(0, 20)} ${outcome}`,
  )

/** Asks the forge without any of Waybill. */
export async function api(
  forge: Pick<TestForge, 'api'>,
  method: string,
  path: string,
  json?: unknown,
): Promise<unknown> {
  const response = await fetch(`${forge.api}/repos/${REPOSITORY}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: json === undefined ? null : JSON.stringify(json),
  })
  const text = await response.text()
  return text === '' ? undefined : (JSON.parse(text) as unknown)
}

/** Uploads a file to a release without any of Waybill. */
export async function uploadBy(
  { upload_url: url }: { readonly upload_url: string },
  name: string,
  body: string,
): Promise<void> {
  const target = `${url.replace(/\{.*/, '')}?name=${name}`
  const response = await fetch(target, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body,
  })
  await response.text()
}
