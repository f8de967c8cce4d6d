import { empty, json, type RegistryReply } from '../message.ts'
import { frozen, invalid, notFound } from './replies.ts'
import { representAsset } from './represent.ts'
import { releaseOf } from './releases.ts'
import type { ForgeAsset, ForgeRelease } from './state.ts'
import { nextId, paged, type Answer, type Visit } from './visit.ts'

interface Found {
  readonly release: ForgeRelease
  readonly asset: ForgeAsset
}

const representation = ({ repository, at, digests }: Visit, { release, asset }: Found): object => {
  const told = digests ? asset : { ...asset, digest: null }
  return representAsset(repository.name, { release, asset: told }, at)
}

function find(visit: Visit, id: string | undefined): Found | undefined {
  for (const { id: of } of visit.repository.releases) {
    const release = releaseOf(visit, String(of))
    const asset = release?.assets.find((one) => one.id === Number(id))
    if (release !== undefined && asset !== undefined) return { release, asset }
  }
  return undefined
}

/** GET /releases/ID/assets */
export const list: Answer = async (visit, id) => {
  const release = releaseOf(visit, id)
  if (release === undefined) return notFound()
  return paged(
    visit,
    release.assets.map((asset) => representation(visit, { release, asset })),
  )
}

/** GET /releases/assets/ID: what is known of the file, or its bytes, which lie elsewhere. */
export const byId: Answer = async (visit, id) => {
  const found = find(visit, id)
  if (found === undefined) return notFound()
  if (visit.request.headers.accept !== 'application/octet-stream')
    return json(representation(visit, found))
  return { ...empty(302), headers: { Location: visit.storage(found.asset.id) } }
}

/** DELETE /releases/assets/ID */
export const remove: Answer = async (visit, id) => {
  const found = find(visit, id)
  if (found === undefined) return notFound()
  const { release, asset } = found
  if (release.immutable) return frozen('Cannot delete asset from an immutable release.')
  release.assets.splice(release.assets.indexOf(asset), 1)
  await visit.store.remove(asset.id)
  await visit.store.save()
  return empty(204)
}

// What GitHub makes of a file's name.
function kept(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._+@-]+/g, '.').replace(/\.+$/, '')
  return plain.startsWith('.') ? `default${plain}` : plain
}

/** POST /releases/ID/assets at the uploads' address: the file is `open` until its last byte is in. */
export const upload: Answer = async (visit, id) => {
  const { request, store, now } = visit
  const release = releaseOf(visit, id)
  if (release === undefined) return notFound()
  const name = kept(request.query.get('name') ?? '')
  const refusal = refuse(release, name)
  if (refusal !== undefined) return refusal
  const asset: ForgeAsset = {
    id: nextId(visit),
    name,
    label: request.query.get('label') ?? '',
    contentType: request.headers['content-type'] ?? 'application/octet-stream',
    state: 'open',
    size: 0,
    digest: null,
    created: now(),
  }
  release.assets.push(asset)
  await store.save()
  Object.assign(asset, await store.put(asset.id, request.body), { state: 'uploaded' })
  await store.save()
  return json(representation(visit, { release, asset }), { status: 201 })
}

function refuse(release: ForgeRelease, name: string): RegistryReply | undefined {
  if (release.immutable) return frozen('Cannot upload assets to an immutable release.')
  if (name === '')
    return invalid({ resource: 'ReleaseAsset', field: 'name', code: 'missing_field' })
  const taken = release.assets.some((asset) => asset.name === name)
  return taken
    ? invalid({ resource: 'ReleaseAsset', field: 'name', code: 'already_exists' })
    : undefined
}

/** GET /OWNER/NAME/releases/download/TAG/FILE, where people get a published file. */
export const download: Answer = async (visit, tag, name) => {
  const { repository, storage } = visit
  const release = repository.releases.find((one) => one.tag === tag && !one.draft)
  const asset = release?.assets.find((one) => one.name === name && one.state === 'uploaded')
  if (asset === undefined) return notFound()
  return { ...empty(302), headers: { Location: storage(asset.id) } }
}
