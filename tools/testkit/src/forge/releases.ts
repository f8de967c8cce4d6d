import { empty, json, type RegistryReply } from '../message.ts'
import { frozen, invalid, notFound } from './replies.ts'
import { representRelease } from './represent.ts'
import { latestOf, type ForgeRelease } from './state.ts'
import { nextId, paged, readBody, type Answer, type Visit } from './visit.ts'

const shown = ({ repository, at }: Visit, release: ForgeRelease, status = 200): RegistryReply =>
  json(representRelease(repository, release, at), { status })

const orNotFound = (visit: Visit, release: ForgeRelease | undefined): RegistryReply =>
  release === undefined ? notFound() : shown(visit, release)

/** The release of a number, as far as the client may see it. */
export function releaseOf(
  { repository, rights }: Visit,
  id: string | undefined,
): ForgeRelease | undefined {
  const found = repository.releases.find((release) => release.id === Number(id))
  return found?.draft === true && !rights.mayWrite ? undefined : found
}

/** GET /releases: drafts for whoever may write alone. */
export const list: Answer = async (visit) => {
  const { repository, rights, at } = visit
  const seen = repository.releases.filter(({ draft }) => !draft || rights.mayWrite)
  const newest = seen.toSorted((a, b) => b.created - a.created || b.id - a.id)
  return paged(
    visit,
    newest.map((release) => representRelease(repository, release, at)),
  )
}

/** GET /releases/latest */
export const latest: Answer = async (visit) => orNotFound(visit, latestOf(visit.repository))

/** GET /releases/tags/TAG: never a draft. */
export const byTag: Answer = async (visit, tag) =>
  orNotFound(
    visit,
    visit.repository.releases.find((release) => release.tag === tag && !release.draft),
  )

/** GET /releases/ID */
export const byId: Answer = async (visit, id) => orNotFound(visit, releaseOf(visit, id))

/** POST /releases/generate-notes: keeps nothing. */
export const notes: Answer = async (visit) => {
  const tag = (await readBody(visit))['tag_name']
  if (typeof tag !== 'string' || tag === '') return missing('tag_name')
  const web = `${visit.at.web}/${visit.repository.name}`
  return json({ name: tag, body: `**Full Changelog**: ${web}/commits/${tag}` })
}

const missing = (field: string): RegistryReply =>
  invalid({ resource: 'Release', field, code: 'missing_field' })

/** POST /releases */
export const create: Answer = async (visit) => {
  const { repository, store, now } = visit
  const wishes = await readBody(visit)
  const id = nextId(visit)
  const blank: ForgeRelease = {
    id,
    tag: '',
    target: 'main',
    name: null,
    body: null,
    draft: true,
    prerelease: false,
    immutable: false,
    created: now(),
    published: null,
    assets: [],
  }
  const made = await changed(visit, blank, { draft: false, ...wishes })
  if ('status' in made) return made
  repository.releases.push(made)
  choose(visit, made, wishes['make_latest'], true)
  await store.save()
  return shown(visit, made, 201)
}

/** PATCH /releases/ID */
export const update: Answer = async (visit, id) => {
  const release = releaseOf(visit, id)
  if (release === undefined) return notFound()
  const wishes = await readBody(visit)
  const before = release.draft
  const made = await changed(visit, release, wishes)
  if ('status' in made) return made
  Object.assign(release, made)
  choose(visit, release, wishes['make_latest'], before && !release.draft)
  await visit.store.save()
  return shown(visit, release)
}

/** DELETE /releases/ID: an immutable one leaves its tag unusable. */
export const remove: Answer = async (visit, id) => {
  const release = releaseOf(visit, id)
  if (release === undefined) return notFound()
  const { releases } = visit.repository
  releases.splice(releases.indexOf(release), 1)
  for (const asset of release.assets) await visit.store.remove(asset.id)
  await visit.store.save()
  return empty(204)
}

type Wishes = Readonly<Record<string, unknown>>

/** What a release becomes, or why it cannot. */
async function changed(
  visit: Visit,
  release: ForgeRelease,
  wishes: Wishes,
): Promise<ForgeRelease | RegistryReply> {
  const wished = { ...release, ...read(wishes) }
  if (wished.tag === '') return missing('tag_name')
  const complaint = complain(visit, release, wished, wishes)
  if (complaint !== undefined) return complaint
  const found = await visit.tags.find(wished.tag)
  const isElsewhere = wished.target !== release.target || release.tag === ''
  const created = isElsewhere
    ? await visit.tags.commit(found?.sha ?? wished.target)
    : release.created
  if (created === undefined)
    return invalid({ resource: 'Release', field: 'target_commitish', code: 'invalid' })
  if (!release.draft || wished.draft) return { ...wished, created }
  return publish(visit, { ...wished, created }, found !== undefined)
}

async function publish(
  visit: Visit,
  release: ForgeRelease,
  isTagged: boolean,
): Promise<ForgeRelease> {
  const { repository, tags, immutable, now } = visit
  if (!isTagged) await tags.create(release.tag, release.target)
  if (immutable) repository.spent.push(release.tag)
  return { ...release, immutable, published: now() }
}

function read(wishes: Wishes): Partial<ForgeRelease> {
  const { tag_name: tag, target_commitish: target, name, body, draft, prerelease } = wishes
  return {
    ...(typeof tag === 'string' ? { tag } : {}),
    ...(typeof target === 'string' && target !== '' ? { target } : {}),
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof body === 'string' ? { body } : {}),
    ...(typeof draft === 'boolean' ? { draft } : {}),
    ...(typeof prerelease === 'boolean' ? { prerelease } : {}),
  }
}

function complain(
  { repository }: Visit,
  release: ForgeRelease,
  wished: ForgeRelease,
  wishes: Wishes,
): RegistryReply | undefined {
  const { id, tag, draft, prerelease } = wished
  if (release.immutable && (draft || tag !== release.tag))
    return frozen('state cannot be changed when release is immutable')
  if (wishes['make_latest'] === 'true' && (draft || prerelease))
    return invalid({
      resource: 'Release',
      field: 'make_latest',
      code: 'custom',
      message: 'Drafts and prereleases cannot be set as latest.',
    })
  if (draft) return undefined
  if (!release.immutable && repository.spent.includes(tag))
    return invalid({
      resource: 'Release',
      field: 'tag_name',
      code: 'custom',
      message: 'tag_name was used by an immutable release',
    })
  const taken = repository.releases.some((one) => one.id !== id && one.tag === tag && !one.draft)
  return taken
    ? invalid({ resource: 'Release', field: 'tag_name', code: 'already_exists' })
    : undefined
}

// `true` is the default of a release that is published just now; `legacy` leaves it to the dates again.
function choose(
  { repository }: Visit,
  { id, draft, prerelease }: ForgeRelease,
  wish: unknown,
  isNew: boolean,
): void {
  if (draft || prerelease) return
  const said = wish ?? (isNew ? 'true' : undefined)
  if (said === 'true') repository.latest = id
  else if (said === 'legacy') repository.latest = null
  else if (said === 'false' && repository.latest === id) repository.latest = null
}
