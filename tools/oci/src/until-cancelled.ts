import { assertNotCancelled } from '@waybill/core'

/** Passes items on until a signal says stop. @throws {ERR_CANCELLED} */
export async function* untilCancelled<Item>(
  items: AsyncIterable<Item>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Item, void, undefined> {
  for await (const item of items) {
    assertGoing(signal)
    yield item
  }
  assertGoing(signal)
}

/** @throws {ERR_CANCELLED} */
export function assertGoing(signal: AbortSignal | undefined): void {
  const hint = 'Run the same again: nothing was half-written.'
  assertNotCancelled(signal, 'Making the image was cancelled', hint)
}
