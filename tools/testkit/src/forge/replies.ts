import { json, type RegistryReply } from '../message.ts'

const DOCUMENTATION = 'https://docs.github.com/rest'

/** An error of the forge, its body as GitHub writes it. */
export function refused(
  status: number,
  message: string,
  headers: RegistryReply['headers'] = {},
): RegistryReply {
  const value = { message, documentation_url: DOCUMENTATION, status: String(status) }
  return json(value, { status, headers })
}

/** One thing that is wrong with what was sent. */
export interface Complaint {
  readonly resource: 'Release' | 'ReleaseAsset'
  readonly field: string
  readonly code: 'missing_field' | 'already_exists' | 'invalid' | 'custom'
  readonly message?: string
}

/** The answer to what cannot be taken as it was sent. */
export function invalid(complaint: Complaint, message = 'Validation Failed'): RegistryReply {
  const value = { message, documentation_url: DOCUMENTATION, errors: [complaint], status: '422' }
  return json(value, { status: 422 })
}

/** The answer to a change of what can no longer be changed. */
export function frozen(what: string): RegistryReply {
  return json({ message: what, documentation_url: DOCUMENTATION, status: '422' }, { status: 422 })
}

/** The answer where nothing is, or nothing that this client may see. */
export const notFound = (): RegistryReply => refused(404, 'Not Found')
