import type { Handler, RegistryReply, RegistryRequest } from '../message.ts'
import { notFound, refused } from './replies.ts'

/** What a token may do with releases and tags. */
export interface ForgeToken {
  readonly contents: 'read' | 'write'
}

export type ForgeTokens = Readonly<Record<string, ForgeToken>>

/** What the client of a request may do. */
export interface Rights {
  readonly mayRead: boolean
  readonly mayWrite: boolean
  /** A request without any token, or with one that is unknown. */
  readonly anonymous: boolean
}

/** The token of a request; undefined where it has none. */
export function tokenOf({ headers }: RegistryRequest): string | undefined {
  return /^(?:Bearer|token) (.+)$/i.exec(headers.authorization ?? '')?.[1]
}

/** Answers clients whose token is unknown. */
export function withTokens(next: Handler, tokens: ForgeTokens | undefined): Handler {
  return async (request) => {
    const token = tokenOf(request)
    const unknown = tokens !== undefined && token !== undefined && !Object.hasOwn(tokens, token)
    return unknown ? refused(401, 'Bad credentials') : next(request)
  }
}

/** What a request's token allows in a repository. Where no tokens are named, any token allows everything. */
export function rightsOf(
  request: RegistryRequest,
  tokens: ForgeTokens | undefined,
  isPrivate: boolean,
): Rights {
  const token = tokenOf(request)
  const known = token === undefined ? undefined : (tokens?.[token] ?? { contents: 'write' })
  return {
    anonymous: known === undefined,
    mayRead: !isPrivate || known !== undefined,
    mayWrite: known?.contents === 'write',
  }
}

/** What whoever may not write is told, before anything else; undefined for who may. */
export function refuseWrite({ mayWrite, anonymous }: Rights): RegistryReply | undefined {
  if (mayWrite) return undefined
  if (anonymous) return refused(401, 'Requires authentication')
  const headers = { 'X-Accepted-GitHub-Permissions': 'contents=write' }
  return refused(403, 'Resource not accessible by integration', headers)
}

/** What whoever may not read is told: as if nothing were there. */
export function refuseRead({ mayRead }: Rights): RegistryReply | undefined {
  return mayRead ? undefined : notFound()
}
