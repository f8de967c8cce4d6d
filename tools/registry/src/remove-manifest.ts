import { WaybillError } from '@waybill/core'
import { askRegistry } from './ask.ts'
import { scopeOf, unionOf } from './auth/scopes.ts'
import { answerError } from './errors.ts'
import { manifestUrl } from './find-manifest.ts'
import { writeScope, type RepositoryClient } from './place.ts'

/**
 * Removes a tag alone, or by its digest a manifest with every tag it has. OCI distribution-spec, "Content Management".
 * @throws {ERR_UNSUPPORTED} where the registry cannot, {ERR_NOT_FOUND} {ERR_UNAUTHORIZED} {ERR_DENIED} {ERR_REGISTRY}
 */
export async function removeManifest(
  place: RepositoryClient,
  reference: string,
  signal?: AbortSignal,
): Promise<void> {
  const { host, repository } = place
  // Asked for apart from the rest: some registries give no token at all to those who ask to delete.
  const scopes = unionOf(writeScope(place), scopeOf(repository, 'delete'))
  const url = manifestUrl(place, reference)
  const response = await askRegistry(host, url, { method: 'DELETE', repository, scopes, signal })
  if (response.status === 202 || response.status === 200 || response.status === 204)
    return response.discard()
  const error = await answerError(response, `Removing ${place.name}:${reference}`)
  if (![400, 405, 501].includes(response.status)) throw error
  throw new WaybillError('ERR_UNSUPPORTED', error.message, {
    hint: 'This registry does not remove it over the API; use its own pages or tool.',
    details: error.details,
    cause: error,
  })
}
