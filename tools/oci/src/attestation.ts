import type { Descriptor } from '@waybill/core'
import type { Manifest } from './manifest.ts'

// How BuildKit marks what it says of an image beside the image. Docker documentation, "Attestation storage".
const TYPE = 'vnd.docker.reference.type'
const SUBJECT = 'vnd.docker.reference.digest'
const STATEMENT = 'application/vnd.in-toto+json'

/** Whether an entry of an index is for no platform at all: no engine picks it by itself. */
export function isForNoPlatform({ platform }: Descriptor): boolean {
  return platform?.os === 'unknown' && platform.architecture === 'unknown'
}

/**
 * What is missing in an entry for no platform for it to be an attestation; undefined where it has all of it: its annotations say so, it names another entry
 * of the same index that is an image, and each of its layers (one or more) is a statement, which no engine can run.
 */
export function missingInAttestation(
  entry: Descriptor,
  siblings: readonly Descriptor[],
  { layers }: Pick<Manifest, 'layers'>,
): string | undefined {
  const { [TYPE]: type, [SUBJECT]: subject } = entry.annotations ?? {}
  if (type !== 'attestation-manifest') return `its annotation ${TYPE} is ${said(type)}`
  const isNamed = siblings.some((one) => one.digest === subject && !isForNoPlatform(one))
  if (!isNamed || subject === entry.digest)
    return `its annotation ${SUBJECT} (${said(subject)}) names no image of the same index`
  const other = layers.find(({ mediaType }) => mediaType !== STATEMENT)
  if (other !== undefined) return `its layer ${other.digest} is ${said(other.mediaType)}`
  return layers.length === 0 ? 'it has no layer' : undefined
}

const said = (value: string | undefined): string => (value === undefined ? 'absent' : `"${value}"`)
