import { WaybillError } from '@waybill/core'

/** The error for a file that contradicts its own headers. */
export function invalidBinary(reason: string): WaybillError {
  return new WaybillError('ERR_INVALID_BINARY', reason, {
    hint: 'The file is truncated or damaged, or not what its header says; build or fetch it again.',
  })
}
