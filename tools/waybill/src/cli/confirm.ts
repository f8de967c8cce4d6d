import { createInterface } from 'node:readline/promises'
import { WaybillError, logText } from '@waybill/core'

/**
 * Asks on a terminal before something is written outside; anywhere else, and with `yes`, it goes on.
 * @throws {ERR_DECLINED}
 */
export async function confirm(summary: string, options: { readonly yes: boolean }): Promise<void> {
  if (options.yes || process.stdin.isTTY !== true || process.stderr.isTTY !== true) return
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`${logText(summary)}\nPublish this? [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim()))
      throw new WaybillError('ERR_DECLINED', 'Not published: the question was answered with no')
  } finally {
    terminal.close()
  }
}
