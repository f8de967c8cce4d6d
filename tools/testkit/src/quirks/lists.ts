import { json, problem, type RegistryReply } from '../message.ts'
import { apiPathOf, without, type Quirk } from './quirk.ts'

/** Tags come in pages of so many at most, whether asked for or not. */
export const pagesTags =
  (limit: number): Quirk =>
  (next) =>
  async (request) => {
    if (apiPathOf(request.path).kind !== 'tags') return next(request)
    const query = new URLSearchParams(request.query)
    query.set('n', `${Math.min(limit, Number(query.get('n') ?? limit))}`)
    return next({ ...request, query })
  }

/** Who asks for larger pages than that gets none. */
export const refusesLargePages =
  (limit: number): Quirk =>
  (next) =>
  async (request) => {
    const large = Number(request.query.get('n') ?? 0) > limit
    if (!large || apiPathOf(request.path).kind !== 'tags') return next(request)
    return problem(400, 'UNSUPPORTED', `Invalid parameter at 'n': must be at most ${limit}`)
  }

/** All tags come at once and in no order; a repository without tags is unknown. */
export const listsWhole: Quirk = (next) => async (request) => {
  if (apiPathOf(request.path).kind !== 'tags') return next(request)
  const reply = await next(without(request, 'n', 'last'))
  return reply.status === 200 ? reversed(reply) : reply
}

function reversed(reply: RegistryReply): RegistryReply {
  const list = JSON.parse(Buffer.from(reply.body as Uint8Array).toString()) as {
    readonly name: string
    readonly tags: readonly string[]
  }
  if (list.tags.length > 0) return json({ ...list, tags: list.tags.toReversed() })
  return problem(404, 'NAME_UNKNOWN', 'repository name not known to registry')
}
