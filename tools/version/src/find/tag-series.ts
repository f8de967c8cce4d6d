import { createContext, createGit, type ContextOptions } from '@waybill/core'
import semver from 'semver'

/** Tags of one form: `v1.2.3` has no name, `core-v1.2.3` and `core@1.2.3` have one. */
export interface TagSeries {
  readonly name: string
  /** The form, with `{version}`. */
  readonly tag: string
}

const TAG = /^((?:(.+?)[^a-zA-Z0-9])?v?)(\d+\.\d+\.\d+(?:[-+].*)?)$/

/** Reads the series of tags that HEAD reaches. Of several forms with one name, the one with the highest version is in use. */
export async function readTagSeries(options: ContextOptions = {}): Promise<TagSeries[]> {
  const git = createGit(createContext(options))
  const args = ['for-each-ref', '--merged=HEAD', '--format=%(refname:lstrip=2)', 'refs/tags/']
  // Without a commit there is none; what is wrong is said where the commits are read.
  const { exitCode, stdout } = await git.run(args, { okCodes: [0, 128, 129] })
  return exitCode === 0 ? seriesOf(Buffer.from(stdout).toString('utf8').split('\n')) : []
}

function seriesOf(tags: readonly string[]): TagSeries[] {
  const highest = new Map<string, TagSeries & { readonly version: string }>()
  for (const tag of tags) {
    const [, prefix = '', name = '', version = ''] = TAG.exec(tag) ?? []
    if (semver.valid(version) === null) continue
    const before = highest.get(name)
    if (before === undefined || semver.gt(version, before.version))
      highest.set(name, { name, tag: `${prefix}{version}`, version })
  }
  return [...highest.values()].map(({ name, tag }) => ({ name, tag }))
}
