/** Makes the addresses a changelog links to, in the manner of a repository's forge. */
export interface Links {
  readonly commit: (commit: string) => string
  readonly pull: (number: number) => string
  readonly compare: (from: string, to: string) => string
  readonly release: (tag: string) => string
}

/** The links of a repository by its web address; GitLab's own paths where the host is one. */
export function linksOf(repository: string): Links {
  const base = repository.replace(/\/+$/, '').replace(/\.git$/, '')
  const gitlab = /^https?:\/\/[^/]*gitlab/.test(base)
  const root = gitlab ? `${base}/-` : base
  return {
    commit: (commit) => `${root}/commit/${commit}`,
    pull: (number) => `${root}/${gitlab ? 'merge_requests' : 'pull'}/${number}`,
    compare: (from, to) => `${root}/compare/${escaped(from)}...${escaped(to)}`,
    release: (name) => `${root}/${gitlab ? 'releases' : 'releases/tag'}/${escaped(name)}`,
  }
}

const escaped = (tag: string): string => tag.split('/').map(encodeURIComponent).join('/')

/** The web address behind a git remote; undefined for a local path. Credentials are left out. */
export function webAddress(remote: string): string | undefined {
  const scp = /^(?:[\w.-]+@)?([\w-]+(?:\.[\w-]+)+):(?!\/\/)(.+)$/.exec(remote)
  const url = /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/(.+)$/.exec(remote)
  const [, host, path] = url ?? scp ?? []
  return host === undefined
    ? undefined
    : `https://${host}/${path!.replace(/\/$/, '').replace(/\.git$/, '')}`
}
