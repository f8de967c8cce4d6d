export { githubRelease, type GithubReleaseOptions } from './github/github-release.ts'
export { parseRemote, type RemoteRepository } from './github/parse-remote.ts'
