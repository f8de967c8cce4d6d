import { assertNotCancelled } from '@waybill/core'

/** Passes items on until a signal says stop; `message` says what was cancelled. @throws {ERR_CANCELLED} */
export async function* untilCancelled<Item>(
  items: AsyncIterable<Item>,
  signal: AbortSignal | undefined,
  message: string = MAKING,
): AsyncGenerator<Item, void, undefined> {
  for await (const item of items) {
    assertGoing(signal, message)
    yield item
  }
  assertGoing(signal, message)
}

const MAKING = 'Making the image was cancelled'

/** @throws {ERR_CANCELLED} */
export function assertGoing(signal: AbortSignal | undefined, message: string = MAKING): void {
  assertNotCancelled(signal, message, 'Run the same again: nothing was half-written.')
}
