// A registry that is out for a while, as the command line meets it.
import { startRegistry, type TestRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { waybill, type CliResult } from '../helpers/cli.ts'

const test = suite('patience of the command line')

const status = (registry: TestRegistry, ...more: readonly string[]): Promise<CliResult> =>
  waybill(['status', '1.0.0', '--to', `${registry.address}/acme/app`, ...more])

test('an outage is waited for, and said; afterwards the answer is what it would have been', async () => {
  const registry = await startRegistry()
  registry.inject('503@1-6')
  const { code, stderr } = await status(registry)
  assert.is(code, 1) // nothing of it is there
  assert.match(stderr, `${registry.address} answers 503 to GET`)
  assert.match(stderr, /waiting for it until \d\d:\d\d:\d\d at the latest \(300 s, --patience\)/)
  assert.match(stderr, `${registry.address} answers again after`)
  await registry.close()
})

test('--patience 0 does not wait, and a time that is up is exit 4', async () => {
  const registry = await startRegistry()
  for (const [patience, isSaid] of [
    ['0', false],
    ['0s', false],
    ['1500ms', true],
  ] as const) {
    registry.inject('503@1-')
    const { code, stderr } = await status(registry, '--patience', patience)
    assert.is(code, 4, stderr)
    assert.is(stderr.includes('waiting for it until'), isSaid, patience)
  }
  await registry.close()
})

test('a wish to wait that is longer than the patience ends at once, and says so', async () => {
  const registry = await startRegistry()
  registry.inject('429:3600@1-')
  const { code, stderr } = await status(registry)
  assert.is(code, 4)
  assert.match(
    stderr,
    'asks to wait 3600 s, which is longer than it is waited for (300 s, --patience)',
  )
  assert.match(stderr, 'asks to be left alone for 3600 s')
  assert.is(registry.requests.length, 1)
  await registry.close()
})

test('--timeout comes before --patience', async () => {
  const registry = await startRegistry()
  registry.inject('502@1-')
  const { code, stderr } = await status(registry, '--patience', '1h', '--timeout', '4s')
  assert.is(code, 4)
  assert.match(stderr, 'ERR_TIMEOUT')
  await registry.close()
})

test('a value that is no time is wrong usage', async () => {
  for (const value of ['-1', 'soon', '5x', ''])
    assert.is((await waybill(['status', '1.0.0', `--patience=${value}`])).code, 2, value)
})

test.run()
