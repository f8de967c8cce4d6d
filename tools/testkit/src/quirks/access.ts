import { problem, type RegistryReply } from '../message.ts'
import { codeOf, apiPathOf, reads, type Quirk } from './quirk.ts'

/** Nothing can be deleted through the API; uploads can be cancelled. */
export const deletesNothing: Quirk = (next) => async (request) => {
  if (request.method !== 'DELETE' || apiPathOf(request.path).kind === 'upload') return next(request)
  return problem(405, 'UNSUPPORTED', 'The operation is unsupported.')
}

/** A repository must have been made before it is pushed to. */
export const needsRepository: Quirk =
  (next, { repositories }) =>
  async (request) => {
    const { name } = apiPathOf(request.path)
    const known = name === '' || repositories === undefined || repositories.includes(name)
    return known
      ? next(request)
      : problem(404, 'NAME_UNKNOWN', `The repository with name '${name}' does not exist`)
  }

/** Who may not push to a repository is not told whether it is there: absent looks like forbidden. */
export const hidesMissing =
  (hidden: RegistryReply): Quirk =>
  (next) =>
  async (request) => {
    const reply = await next(request)
    if (!reads(request) || codeOf(reply) !== 'NAME_UNKNOWN') return reply
    const owner = request.rights?.includes(`${apiPathOf(request.path).name}:push`) ?? true
    return owner ? reply : hidden
  }

/** What is not there has a code of the registry's own. */
export const missesInOwnWords: Quirk = (next) => async (request) => {
  const reply = await next(request)
  const missing = codeOf(reply) === 'NAME_UNKNOWN' || codeOf(reply) === 'MANIFEST_UNKNOWN'
  return missing ? problem(404, 'NOT_FOUND', `${request.path} not found`) : reply
}

/** Manifests can be got so many times; looking at them with HEAD is free. */
export const limitsPulls =
  (limit: number): Quirk =>
  (next) => {
    let left = limit
    return async (request) => {
      if (apiPathOf(request.path).kind !== 'manifest' || !reads(request)) return next(request)
      const counts = request.method === 'GET'
      if (counts && left === 0) return exhausted
      if (counts) left -= 1
      const reply = await next(request)
      const headers = {
        'RateLimit-Limit': `${limit};w=21600`,
        'RateLimit-Remaining': `${left};w=21600`,
      }
      return { ...reply, headers: { ...reply.headers, ...headers } }
    }
  }

const exhausted = problem(
  429,
  'TOOMANYREQUESTS',
  'You have reached your unauthenticated pull rate limit.',
)
