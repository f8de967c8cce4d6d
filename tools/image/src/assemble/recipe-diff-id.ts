import { setImmediate } from 'node:timers/promises'
import { createDigester, type ByteStream, type Digest } from '@waybill/core'
import { writeTar, type TarInput } from '@waybill/archive'
import { untilCancelled } from '@waybill/oci'

const STEP = 4 * 1024 * 1024

/**
 * The diff id of the layer that a recipe makes, from its headers and its members alone. What a cache says of a layer is held against it: the layer
 * has these members, in this order, and nothing else.
 * @throws {ERR_CANCELLED}
 */
export async function recipeDiffId(
  members: readonly TarInput[],
  signal: AbortSignal | undefined,
): Promise<Digest> {
  const digester = createDigester()
  for await (const chunk of untilCancelled(writeTar(members), signal)) digester.update(chunk)
  return digester.digest()
}

/** Gives bytes in steps, so that answers that come in meanwhile are not kept waiting while they are hashed. */
export async function* inSteps(bytes: Uint8Array): ByteStream {
  for (let at = 0; at < bytes.byteLength; at += STEP) {
    yield bytes.subarray(at, at + STEP)
    await setImmediate()
  }
}
