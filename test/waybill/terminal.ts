// A terminal obeys what Waybill itself puts around words, and nothing of the words.
import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { run, type Context } from 'waybill'
import { HOSTILE, OBEYED } from '../helpers/hostile-text.ts'

const test = suite('terminal')

// Colours, and moving up and erasing while steps are drawn.
// oxlint-disable-next-line no-control-regex
const OWN = /\u001B\[(?:1|2|22|31|32|33|39)m|\u001B\[\d+A\u001B\[J/g

async function written(
  live: boolean,
  work: (context: Context) => Promise<void> | void,
): Promise<string> {
  let text = ''
  const stderr = { write: (more: string) => (text += more), columns: 200, isTTY: live }
  await run({ stderr, color: true, verbose: true, env: {} }, async ({ context }) => work(context))
  return text
}

const WAYS: Readonly<Record<string, (context: Context, text: string) => void>> = {
  debug: ({ logger }, text) => logger.debug(text),
  info: ({ logger }, text) => logger.info(text),
  warn: ({ logger }, text) => logger.warn(text),
  error: ({ logger }, text) => logger.error(text),
  succeed: ({ progress }, text) => progress.start(text).succeed(text),
  fail: ({ progress }, text) => progress.start(text).fail(text),
  update: ({ progress }, text) => {
    const step = progress.start('step')
    step.update({ note: text })
    step.succeed()
  },
}

for (const [way, say] of Object.entries(WAYS))
  for (const live of [true, false])
    test(`${way}${live ? ', drawn in place' : ''}`, async () => {
      const text = await written(live, (context) => {
        for (const one of HOSTILE) say(context, `a${one}[31mb${one}]0;title`)
      })
      assert.not.match(text.replaceAll(OWN, '').replaceAll(/[\n\t]/g, ''), OBEYED)
      if (way !== 'info' && way !== 'update') assert.match(text, OWN)
    })

test('a step that is drawn stays on one line', async () => {
  const text = await written(true, async ({ progress }) => {
    const step = progress.start('one\ntwo\rthree')
    step.update({ note: 'four\u001B[2Jfive\nsix' })
    await wait(250)
    step.succeed()
  })
  for (const line of text.replaceAll(OWN, '').split('\n'))
    assert.match(line, /^$|^. one\\ntwo\\rthree/)
  assert.match(text, String.raw`four\x1b[2Jfive\nsix`)
})

test('a text of several lines is indented from its second', async () => {
  const text = await written(false, ({ logger }) => {
    logger.error('first\nerror second\r\n::error::third')
  })
  assert.is(text.replaceAll(OWN, ''), 'error first\n  error second\n  : :error::third\n')
})

test.run()
