import type { Test } from 'uvu'

/** What is started in a test and closed after it, whether it held or not: an open server would keep the process alive. */
export type Closing = <Server extends { close(): Promise<void> }>(
  started: Promise<Server>,
) => Promise<Server>

/** Closes after each test of a suite whatever was started with it, the last first. */
export function closingAfter<T>(test: Test<T>): Closing {
  const open: { close(): Promise<void> }[] = []
  test.after.each(async () => {
    for (const server of open.splice(0).toReversed()) await server.close()
  })
  return async (started) => {
    const server = await started
    open.push(server)
    return server
  }
}
