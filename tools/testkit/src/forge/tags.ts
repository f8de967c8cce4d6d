import { createContext, createGit } from '@waybill/core'
import type { ForgeRepository } from './state.ts'

/** What a reference points at. */
export interface ForgeObject {
  readonly type: 'commit' | 'tag'
  readonly sha: string
}

/** The git side of a repository: its tags and commits. */
export interface ForgeTags {
  /** What a tag points at: a commit, or a tag object where it is annotated. */
  find(tag: string): Promise<ForgeObject | undefined>
  /** What a tag object points at. */
  peel(sha: string): Promise<ForgeObject | undefined>
  /** Whether a commit is there, and when it was made, in milliseconds since 1970. */
  commit(name: string): Promise<number | undefined>
  create(tag: string, commit: string): Promise<void>
}

/** Tags of a repository that has no git beside it: any commit there could be is there, made now. */
export function rememberedTags({ tags }: ForgeRepository, now: () => number): ForgeTags {
  return {
    async find(tag) {
      return Object.hasOwn(tags, tag) ? { type: 'commit', sha: tags[tag]! } : undefined
    },
    peel: async () => undefined,
    commit: async () => now(),
    create: async (tag, commit) => void (tags[tag] = commit),
  }
}

/** Tags of a real git repository, a bare one as well. */
export function gitTags(folder: string): ForgeTags {
  const repository = createGit(createContext({ cwd: folder }))
  const git = async (...args: readonly string[]): Promise<string | undefined> => {
    const text = (await repository.text(args).catch(() => '')).trim()
    return text === '' ? undefined : text
  }
  const object = async (name: string): Promise<ForgeObject | undefined> => {
    const sha = await git('rev-parse', '--verify', '--quiet', name)
    const type = sha === undefined ? undefined : await git('cat-file', '-t', sha)
    return type === 'commit' || type === 'tag' ? { type, sha: sha! } : undefined
  }
  return {
    find: (tag) => object(`refs/tags/${tag}`),
    peel: (sha) => object(`${sha}^{}`),
    async commit(name) {
      const seconds = await git('show', '--no-patch', '--format=%ct', `${name}^{commit}`)
      return seconds === undefined ? undefined : Number(seconds) * 1000
    },
    create: async (tag, commit) => void (await git('update-ref', `refs/tags/${tag}`, commit)),
  }
}
