import {
  WaybillError,
  createGit,
  type Artifact,
  type Context,
  type Destination,
  type Release,
} from '@waybill/core'
import { githubRelease, parseRemote, type GithubReleaseOptions } from '@waybill/forge'
import type { ComponentEntry, Definition, ReleaseEntry } from '../definition/types.ts'

/** What a release page shows. */
export interface PageContent {
  readonly release: Release
  /** Archives and checksums; their paths are relative to the output folder. */
  readonly files: readonly Artifact[]
  readonly notes: string
}

export type PageOptions = Pick<GithubReleaseOptions, 'token' | 'api' | 'caFile'> & Context

/** The release page of a component at a repository, as its definition wants it. */
export function pageAt(
  repository: string,
  { definition, entry }: PageEntry,
  options: PageOptions & PageContent,
): Destination {
  const { draft } = entry
  return githubRelease(repository, { ...options, draft, latest: isLatest(definition, entry) })
}

/** A release page of a definition. */
export interface PageEntry {
  readonly definition: Definition
  readonly entry: ReleaseEntry
}

// With several components in one repository only one can be its latest release, and which is for people to say.
function isLatest(definition: Definition, { latest }: ReleaseEntry): boolean {
  const pages = Object.values(definition.components).filter(hasPage)
  return latest ?? pages.length === 1
}

const hasPage = ({ release }: ComponentEntry): boolean => release !== undefined

/** The release page where the definition says it is; token, API and, in a workflow, the repository come from the environment. */
export async function definedPage(
  page: PageEntry,
  content: PageContent,
  options: Context & Pick<PageOptions, 'caFile'>,
): Promise<Destination> {
  const { GITHUB_TOKEN, GH_TOKEN, GITHUB_API_URL: api } = options.env
  const token = [GITHUB_TOKEN, GH_TOKEN].find((value) => (value ?? '') !== '')
  const repository = await repositoryOf(page, options)
  return pageAt(repository, page, { ...options, ...content, token, api: api || undefined })
}

async function repositoryOf({ definition, entry }: PageEntry, context: Context): Promise<string> {
  const { env } = context
  const given = entry.repository ?? env['GITHUB_REPOSITORY']
  if (given !== undefined && given !== '') return given
  const remote = definition.git?.remote ?? 'origin'
  const found = await createGit(context).run(['remote', 'get-url', '--', remote], {
    okCodes: [0, 2, 128],
  })
  const address = new TextDecoder().decode(found.stdout).trim()
  const parsed = parseRemote(found.exitCode === 0 ? address : remote)
  if (parsed !== undefined && parsed.host === hostOf(env['GITHUB_API_URL']))
    return parsed.repository
  throw unknownRepository(remote, parsed?.host)
}

// The web's host of an API: https://api.github.com is github.com's, https://HOST/api/v3 is HOST's.
function hostOf(api: string | undefined): string {
  if (api === undefined || !URL.canParse(api)) return 'github.com'
  return new URL(api).hostname.replace(/^api\./, '')
}

function unknownRepository(remote: string, host: string | undefined): WaybillError {
  const why = host === undefined ? 'names no repository of a forge' : `leads to ${host}`
  return new WaybillError(
    'ERR_INVALID_REPOSITORY',
    `Which repository has the release page? The git remote ${remote} ${why}`,
    {
      hint:
        host === undefined
          ? 'Write it as release.repository in the definition, or set GITHUB_REPOSITORY.'
          : `Set GITHUB_API_URL to that server's API, https://${host}/api/v3.`,
      outcome: 'usage',
    },
  )
}
