export { githubRelease, type GithubReleaseOptions } from './github-release.ts'
export { parseRemote, type RemoteRepository } from './parse-remote.ts'
