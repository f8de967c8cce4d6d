import { WaybillError, type NamedDigest } from '@waybill/core'
import { readPackument } from './packument.ts'
import { observe, type NpmPackageClient } from './place.ts'

/** Points a dist-tag at a version. */
export async function tag(
  { npm, packed }: NpmPackageClient,
  name: string,
  version: string,
  signal?: AbortSignal,
): Promise<void> {
  await npm.ask(['dist-tag', 'add', `${packed.name}@${version}`, name], signal)
}

/** Puts a dist-tag back to the version that has a digest, or takes it away. @throws {ERR_NOT_RESTORABLE} */
export async function restore(
  place: NpmPackageClient,
  name: string,
  previous: NamedDigest | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const { npm, packed } = place
  if (previous === undefined) {
    await npm.ask(['dist-tag', 'rm', packed.name, name], signal)
    return
  }
  const { versions } = await readPackument(packed.name, place, signal)
  for (const version of Object.keys(versions).toReversed()) {
    if ((await observe(place, version, signal)) === previous)
      return tag(place, name, version, signal)
  }
  throw new WaybillError(
    'ERR_NOT_RESTORABLE',
    `npm:${packed.name}: ${name} cannot be put back to ${previous}: no version has it`,
    {
      hint: `Point it at the right version by hand: npm dist-tag add ${packed.name}@VERSION ${name}`,
    },
  )
}
