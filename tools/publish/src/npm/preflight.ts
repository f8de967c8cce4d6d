import { WaybillError } from '@waybill/core'
import { readPackument } from './packument.ts'
import { isTrusted, type NpmPackageClient } from './place.ts'

/**
 * Checks that we may publish the package; a registry that trusts the CI can't take one it has never seen.
 * @throws {ERR_UNAUTHORIZED} {ERR_DENIED}
 */
export async function preflight(place: NpmPackageClient, signal?: AbortSignal): Promise<void> {
  if (!(await isTrusted(place, signal))) return
  const { name } = place.packed
  const { versions } = await readPackument(name, place, signal)
  if (Object.keys(versions).length > 0) return
  throw new WaybillError(
    'ERR_DENIED',
    `npm:${name} does not exist yet, and trusted publishing cannot make it`,
    {
      hint: 'Publish a first version by hand or with a token, and set up trusted publishing for it then.',
      outcome: 'unknown',
      details: { package: name },
    },
  )
}
