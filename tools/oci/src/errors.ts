import { WaybillError } from '@waybill/core'

/** The error for a name that stands for nothing. */
export function notFound(where: string, reference: string, known: readonly string[]): WaybillError {
  const names = known.length === 0 ? 'it holds none' : `it holds ${known.join(', ')}`
  return new WaybillError('ERR_NOT_FOUND', `${where}: nothing is called "${reference}"; ${names}`, {
    details: { where, reference, known },
  })
}

/** The error for content that a name or manifest points at and that is not there. */
export function contentMissing(where: string, digest: string): WaybillError {
  return new WaybillError('ERR_CONTENT_MISSING', `${where}: ${digest} is not there`, {
    hint: 'The image is incomplete; make or fetch it again.',
    details: { where, digest },
  })
}
