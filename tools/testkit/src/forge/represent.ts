import type { ForgeAsset, ForgeRelease, ForgeRepository } from './state.ts'

/** Where the forge is, as its clients know it. */
export interface Addresses {
  /** `http://127.0.0.1:4000`, where pages and downloads are. */
  readonly web: string
  readonly api: string
  readonly uploads: string
}

/** The addresses of a server that was asked at an origin, laid out as on a GitHub Enterprise Server. */
export function addressesOf(origin: string): Addresses {
  return { web: origin, api: `${origin}/api/v3`, uploads: `${origin}/api/uploads` }
}

const time = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')

const nodeId = (kind: string, id: number): string =>
  Buffer.from(`${kind}${id}`).toString('base64url')

/** A release as the API gives it. */
export function representRelease(
  { name: repository }: ForgeRepository,
  release: ForgeRelease,
  at: Addresses,
): object {
  const { id, tag, target, name, body, draft, prerelease, immutable, assets } = release
  const url = `${at.api}/repos/${repository}/releases/${id}`
  const page = encodeURIComponent(draft ? `untagged-${id}` : tag)
  const ball = (kind: string): string | null =>
    draft ? null : `${at.api}/repos/${repository}/${kind}/${encodeURIComponent(tag)}`
  return {
    url,
    assets_url: `${url}/assets`,
    upload_url: `${at.uploads}/repos/${repository}/releases/${id}/assets{?name,label}`,
    html_url: `${at.web}/${repository}/releases/tag/${page}`,
    id,
    author: representUser('waybill', at),
    node_id: nodeId('Release', id),
    tag_name: tag,
    target_commitish: target,
    name,
    draft,
    immutable,
    prerelease,
    created_at: time(release.created),
    published_at: release.published === null ? null : time(release.published),
    assets: assets.map((asset) => representAsset(repository, { release, asset }, at)),
    tarball_url: ball('tarball'),
    zipball_url: ball('zipball'),
    body,
  }
}

interface AssetOfRelease {
  readonly release: ForgeRelease
  readonly asset: ForgeAsset
}

/** A file of a release as the API gives it. */
export function representAsset(
  repository: string,
  { release, asset }: AssetOfRelease,
  at: Addresses,
): object {
  const { id, name, label, contentType, state, size, digest, created } = asset
  const folder = encodeURIComponent(release.draft ? `untagged-${release.id}` : release.tag)
  return {
    url: `${at.api}/repos/${repository}/releases/assets/${id}`,
    id,
    node_id: nodeId('ReleaseAsset', id),
    name,
    label,
    uploader: representUser('waybill', at),
    content_type: contentType,
    state,
    size,
    digest,
    download_count: 0,
    created_at: time(created),
    updated_at: time(created),
    browser_download_url: `${at.web}/${repository}/releases/download/${folder}/${encodeURIComponent(name)}`,
  }
}

const USER_URLS = [
  'followers',
  'following',
  'gists',
  'starred',
  'subscriptions',
  'organizations',
  'repos',
  'events',
  'received_events',
]

/** An account as the API gives it. */
export function representUser(login: string, at: Addresses): object {
  const url = `${at.api}/users/${login}`
  return {
    login,
    id: 1,
    node_id: nodeId('User', 1),
    avatar_url: `${at.web}/avatars/${login}`,
    gravatar_id: '',
    url,
    html_url: `${at.web}/${login}`,
    ...Object.fromEntries(USER_URLS.map((name) => [`${name}_url`, `${url}/${name}`])),
    type: 'User',
    site_admin: false,
  }
}

const REPOSITORY_URLS = [
  'archive',
  'assignees',
  'blobs',
  'branches',
  'collaborators',
  'comments',
  'commits',
  'compare',
  'contents',
  'contributors',
  'deployments',
  'downloads',
  'events',
  'forks',
  'git_commits',
  'git_refs',
  'git_tags',
  'hooks',
  'issue_comment',
  'issue_events',
  'issues',
  'keys',
  'labels',
  'languages',
  'merges',
  'milestones',
  'notifications',
  'pulls',
  'releases',
  'stargazers',
  'statuses',
  'subscribers',
  'subscription',
  'tags',
  'teams',
  'trees',
]

const NUMBERS = [
  'forks',
  'forks_count',
  'network_count',
  'open_issues',
  'open_issues_count',
  'size',
  'stargazers_count',
  'subscribers_count',
  'watchers',
  'watchers_count',
]

export interface RepositoryFacts {
  readonly private: boolean
  readonly mayWrite: boolean
}

/** A repository as the API gives it. */
export function representRepository(
  { name: full }: ForgeRepository,
  facts: RepositoryFacts,
  at: Addresses,
): object {
  const [owner = '', name = ''] = full.split('/')
  const url = `${at.api}/repos/${full}`
  const { mayWrite } = facts
  return {
    id: 1,
    node_id: nodeId('Repository', 1),
    name,
    full_name: full,
    private: facts.private,
    owner: representUser(owner, at),
    html_url: `${at.web}/${full}`,
    url,
    description: null,
    homepage: null,
    language: null,
    license: null,
    mirror_url: null,
    fork: false,
    archived: false,
    disabled: false,
    default_branch: 'main',
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    created_at: time(0),
    updated_at: time(0),
    pushed_at: time(0),
    clone_url: `${at.web}/${full}.git`,
    git_url: `git://${new URL(at.web).host}/${full}.git`,
    ssh_url: `git@${new URL(at.web).hostname}:${full}.git`,
    svn_url: `${at.web}/${full}`,
    permissions: { admin: false, maintain: false, push: mayWrite, triage: mayWrite, pull: true },
    ...Object.fromEntries(REPOSITORY_URLS.map((one) => [`${one}_url`, `${url}/${one}`])),
    ...Object.fromEntries(NUMBERS.map((one) => [one, 0])),
  }
}
