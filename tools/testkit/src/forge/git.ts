import { json } from '../message.ts'
import { notFound } from './replies.ts'
import { representRepository } from './represent.ts'
import type { ForgeObject } from './tags.ts'
import type { Answer, Visit } from './visit.ts'

/** GET /repos/OWNER/NAME */
export const repository: Answer = async (visit) => {
  const facts = { private: visit.private, mayWrite: visit.rights.mayWrite }
  return json(representRepository(visit.repository, facts, visit.at))
}

const pointer = ({ repository: { name }, at }: Visit, { type, sha }: ForgeObject): object => ({
  type,
  sha,
  url: `${at.api}/repos/${name}/git/${type}s/${sha}`,
})

/** GET /git/ref/tags/TAG */
export const ref: Answer = async (visit, tag = '') => {
  const found = await visit.tags.find(tag)
  if (found === undefined) return notFound()
  const name = `refs/tags/${tag}`
  return json({
    ref: name,
    node_id: Buffer.from(name).toString('base64url'),
    url: `${visit.at.api}/repos/${visit.repository.name}/git/${name}`,
    object: pointer(visit, found),
  })
}

/** GET /git/tags/SHA: a tag object. */
export const tag: Answer = async (visit, sha = '') => {
  const found = await visit.tags.peel(sha)
  if (found === undefined) return notFound()
  return json({
    node_id: Buffer.from(sha).toString('base64url'),
    tag: sha,
    sha,
    url: `${visit.at.api}/repos/${visit.repository.name}/git/tags/${sha}`,
    message: '',
    tagger: { date: new Date(0).toISOString(), email: 'waybill@example.com', name: 'waybill' },
    object: pointer(visit, found),
  })
}
