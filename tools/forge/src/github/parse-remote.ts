/** A repository at a forge, as the address of a git remote names it. */
export interface RemoteRepository {
  readonly host: string
  /** `acme/hello`. */
  readonly repository: string
}

/** Reads the address of a git remote: `https://HOST/OWNER/NAME.git`, `ssh://git@HOST/…` or `git@HOST:OWNER/NAME.git`; undefined for any other. */
export function parseRemote(address: string): RemoteRepository | undefined {
  const url = /^(?:https?|ssh|git):\/\/(?:[^/@]*@)?([^/:@]+)(?::\d+)?\/(.+)$/.exec(address)
  const [, host, path] = url ?? /^(?:[^/@:]+@)([^/:@]+):(.+)$/.exec(address) ?? []
  const repository = path?.replace(/\/$/, '').replace(/\.git$/, '')
  if (host === undefined || repository === undefined) return undefined
  return /^[^/]+\/[^/]+$/.test(repository) ? { host: host.toLowerCase(), repository } : undefined
}
