import * as assert from 'uvu/assert'
import { isWaybillError, type WaybillError } from '@waybill/core'

/** Awaits the failure of work with a code and returns the error; uvu's own `throws` is for synchronous code only. */
export async function rejects(
  work: Promise<unknown> | (() => unknown),
  code: `ERR_${string}`,
): Promise<WaybillError> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    if (!isWaybillError(error)) throw error
    assert.is(error.code, code, error.message)
    return error
  }
  throw new Error(`expected ${code}, but nothing was thrown`)
}
