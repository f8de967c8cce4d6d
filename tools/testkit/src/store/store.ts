import { collect, type Digest } from '@waybill/core'
import type { ByteRange, Staged, Storage } from './storage.ts'

/** A manifest as it was pushed. */
export interface StoredManifest {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** What a registry holds, without any HTTP. Every change is one atomic write after another, ordered so that each state between is a valid one. */
export interface Store {
  repositories(): Promise<readonly string[]>
  has(name: string): Promise<boolean>
  create(name: string): Promise<void>

  blobSize(name: string, digest: Digest): Promise<number | undefined>
  readBlob(name: string, digest: Digest, range?: ByteRange): AsyncIterable<Uint8Array>
  stageBlob(): Promise<Staged>
  addBlob(name: string, digest: Digest, staged: Staged): Promise<void>
  /** Makes another repository's blob this one's too; without `from` any repository's will do. */
  mountBlob(name: string, digest: Digest, from?: string): Promise<boolean>
  removeBlob(name: string, digest: Digest): Promise<boolean>

  manifest(name: string, digest: Digest): Promise<StoredManifest | undefined>
  hasManifest(name: string, digest: Digest): Promise<boolean>
  addManifest(name: string, manifest: StoredManifest, subject?: Digest): Promise<void>
  /** Removes a manifest and every tag that points at it. */
  removeManifest(name: string, digest: Digest): Promise<boolean>
  /** Removes a manifest alone, as a disk that fails does: its tags lead nowhere then. */
  loseManifest(name: string, digest: Digest): Promise<boolean>
  /** Manifests whose subject is this digest, sorted. */
  referrers(name: string, subject: Digest): Promise<readonly StoredManifest[]>

  tags(name: string): Promise<readonly string[]>
  tag(name: string, tag: string): Promise<Digest | undefined>
  setTag(name: string, tag: string, digest: Digest): Promise<void>
  removeTag(name: string, tag: string): Promise<boolean>
}

const LIMIT = 64 * 1024 * 1024

/** The store over a storage. */
export function createStore(storage: Storage): Store {
  const has: Store['has'] = async (name) => (await storage.size(repositoryKey(name))) !== undefined
  const create: Store['create'] = async (name) => {
    if (!(await has(name))) await storage.write(repositoryKey(name), '')
  }
  const repositories: Store['repositories'] = async () =>
    (await storage.list('_repositories')).map((key) => key.replaceAll(',', '/')).toSorted()
  return {
    has,
    create,
    repositories,
    ...blobsIn(storage, { create, repositories }),
    ...manifestsIn(storage, { create }),
    ...tagsIn(storage),
  }
}

type Blobs = Pick<
  Store,
  'blobSize' | 'readBlob' | 'stageBlob' | 'addBlob' | 'mountBlob' | 'removeBlob'
>

function blobsIn(storage: Storage, store: Pick<Store, 'create' | 'repositories'>): Blobs {
  return {
    blobSize: (name, digest) => storage.size(blobKey(name, digest)),
    readBlob: (name, digest, range) => storage.read(blobKey(name, digest), range),
    stageBlob: () => storage.stage(),
    async addBlob(name, digest, staged) {
      await store.create(name)
      await staged.commit(blobKey(name, digest))
    },
    async mountBlob(name, digest, from) {
      const sources = from === undefined ? await store.repositories() : [from]
      for (const source of sources) {
        if ((await storage.size(blobKey(source, digest))) === undefined) continue
        await store.create(name)
        return storage.link(blobKey(source, digest), blobKey(name, digest))
      }
      return false
    },
    removeBlob: (name, digest) => storage.remove(blobKey(name, digest)),
  }
}

type Manifests = Pick<
  Store,
  'manifest' | 'hasManifest' | 'addManifest' | 'removeManifest' | 'loseManifest' | 'referrers'
>

function manifestsIn(storage: Storage, store: Pick<Store, 'create'>): Manifests {
  const manifest: Store['manifest'] = async (name, digest) => {
    const bytes = await bytesAt(storage, manifestKey(name, digest))
    const mediaType = await textAt(storage, typeKey(name, digest))
    if (bytes === undefined || mediaType === undefined) return undefined
    return { digest, mediaType, bytes }
  }
  return {
    manifest,
    hasManifest: async (name, digest) =>
      (await storage.size(manifestKey(name, digest))) !== undefined,
    // The manifest itself comes last, since its presence is what counts.
    async addManifest(name, { digest, mediaType, bytes }, subject) {
      await store.create(name)
      await storage.write(typeKey(name, digest), mediaType)
      if (subject !== undefined)
        await storage.write(`${referrersKey(name, subject)}/${fileOf(digest)}`, '')
      await storage.write(manifestKey(name, digest), bytes)
    },
    async removeManifest(name, digest) {
      for (const tag of await storage.list(tagsKey(name))) {
        if ((await textAt(storage, tagKey(name, tag))) === digest)
          await storage.remove(tagKey(name, tag))
      }
      return storage.remove(manifestKey(name, digest))
    },
    loseManifest: (name, digest) => storage.remove(manifestKey(name, digest)),
    async referrers(name, subject) {
      const files = await storage.list(referrersKey(name, subject))
      const found = await Promise.all(files.map((file) => manifest(name, digestIn(file))))
      return found.filter((one) => one !== undefined)
    },
  }
}

function tagsIn(storage: Storage): Pick<Store, 'tags' | 'tag' | 'setTag' | 'removeTag'> {
  return {
    tags: (name) => storage.list(tagsKey(name)),
    tag: async (name, tag) => (await textAt(storage, tagKey(name, tag))) as Digest | undefined,
    setTag: (name, tag, digest) => storage.write(tagKey(name, tag), digest),
    removeTag: (name, tag) => storage.remove(tagKey(name, tag)),
  }
}

// What is read may be removed meanwhile; then it was never there.
async function bytesAt(storage: Storage, key: string): Promise<Buffer | undefined> {
  try {
    return Buffer.from(await collect(storage.read(key), LIMIT, key))
  } catch (error) {
    if ((await storage.size(key)) === undefined) return undefined
    throw error
  }
}

async function textAt(storage: Storage, key: string): Promise<string | undefined> {
  return (await bytesAt(storage, key))?.toString()
}

// Components of a repository's name never begin with `_`, so these names cannot meet.
const repositoryKey = (name: string): string => `_repositories/${name.replaceAll('/', ',')}`
const blobKey = (name: string, digest: Digest): string => `${name}/_blobs/${fileOf(digest)}`
const manifestKey = (name: string, digest: Digest): string => `${name}/_manifests/${fileOf(digest)}`
const typeKey = (name: string, digest: Digest): string => `${name}/_types/${fileOf(digest)}`
const referrersKey = (name: string, digest: Digest): string =>
  `${name}/_referrers/${fileOf(digest)}`
const tagsKey = (name: string): string => `${name}/_tags`
const tagKey = (name: string, tag: string): string => `${tagsKey(name)}/${tag}`

// A colon is no letter for a file's name everywhere.
const fileOf = (digest: Digest): string => digest.replace(':', '-')
const digestIn = (file: string): Digest => file.replace('-', ':') as Digest
