import { WaybillError, isWaybillError } from '@waybill/core'
import type { Layer } from '../image-types.ts'

/** The error for a layer whose members do not fit together. */
export function invalidLayer(message: string): WaybillError {
  return new WaybillError('ERR_INVALID_LAYER', `layer: ${message}`, {
    hint: 'The image was not written well; make it again.',
  })
}

/** Adds which layer it is to an error that does not say so. */
export function inLayer(error: unknown, { descriptor: { digest } }: Layer): unknown {
  if (!isWaybillError(error, 'ERR_INVALID_LAYER') || 'digest' in error.details) return error
  return new WaybillError(
    'ERR_INVALID_LAYER',
    error.message.replace(/^layer:/, `layer ${digest}:`),
    {
      hint: error.hint!,
      details: { ...error.details, digest },
      cause: error,
    },
  )
}
