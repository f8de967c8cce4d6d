import { WaybillError, type Descriptor } from '@waybill/core'

/** What reading the manifests and configurations of one image may cost in sum, whatever each of them may be large. */
export interface Budget {
  /** Takes from it what one document will cost, before anything of it is asked for. @throws {ERR_TOO_LARGE} */
  take(document: Descriptor): void
  /** Takes what is only listed. @throws {ERR_TOO_LARGE} */
  list(descriptors: readonly Descriptor[]): void
}

// The largest real images have a hundred documents of some kilobytes.
const MAX_DOCUMENTS = 10_000
const MAX_BYTES = 32 * 1024 * 1024
const MAX_LISTED = 100_000

/** An index within an index is legal and rare; deeper ones are not believed. */
export const DEEPEST = 4

/** Opens the budget of a subject; the error names it. */
export function createBudget({ digest }: Descriptor): Budget {
  let documents = 0
  let bytes = 0
  let listed = 0
  return {
    take({ size }) {
      documents++
      bytes += size
      if (documents > MAX_DOCUMENTS)
        throw tooLarge(digest, `more than ${MAX_DOCUMENTS} manifests and configurations`)
      if (bytes > MAX_BYTES)
        throw tooLarge(digest, `manifests and configurations of more than ${MAX_BYTES} bytes`)
    },
    list(descriptors) {
      listed += descriptors.length
      if (listed > MAX_LISTED) throw tooLarge(digest, `more than ${MAX_LISTED} blobs`)
    },
  }
}

function tooLarge(digest: string, what: string): WaybillError {
  return new WaybillError('ERR_TOO_LARGE', `${digest}: ${what} belong to it`, {
    hint: 'No image needs that much; check the reference, and who wrote what it points to.',
    details: { digest },
  })
}

/** The error for an index that lies too deep. */
export function tooDeep({ digest }: Descriptor): WaybillError {
  return new WaybillError('ERR_INVALID_IMAGE', `${digest}: indexes lie more than ${DEEPEST} deep`, {
    details: { digest },
  })
}
