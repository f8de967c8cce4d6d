import type { Base } from '@waybill/oci'
import { formatReference, parseReference } from './reference.ts'
import { repository, type RepositoryOptions } from './repository.ts'

/**
 * Pins an image to the digest it has now (or to the one its reference names) and opens it as a base; without tag and digest it is `latest`.
 * @throws {ERR_INVALID_REFERENCE} {ERR_NOT_FOUND} {ERR_UNAUTHORIZED} {ERR_DENIED} {ERR_NETWORK}
 */
export async function resolveImage(
  reference: string,
  options: RepositoryOptions = {},
): Promise<Base> {
  const parsed = parseReference(reference)
  const { registry, repository: path, digest } = parsed
  const tag = parsed.tag ?? (digest === undefined ? 'latest' : undefined)
  const source = repository(reference, options)
  const descriptor = await source.resolve(digest ?? tag!)
  const named = {
    registry,
    repository: path,
    ...(tag === undefined ? { digest: digest! } : { tag }),
  }
  return { reference: formatReference(named), descriptor, source }
}
