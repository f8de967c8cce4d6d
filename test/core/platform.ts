import { formatPlatform, parsePlatform, samePlatform } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rejects } from '../helpers/rejects.ts'

const test = suite('platform')

test('reads and writes os/architecture/variant', () => {
  assert.equal(parsePlatform('linux/arm/v6'), { os: 'linux', architecture: 'arm', variant: 'v6' })
  assert.is(formatPlatform({ os: 'linux', architecture: 'arm64', variant: 'v8' }), 'linux/arm64')
})

test('takes arm64 and arm64/v8 for the same', () => {
  assert.ok(samePlatform(parsePlatform('linux/arm64'), parsePlatform('linux/arm64/v8')))
  assert.not.ok(samePlatform(parsePlatform('linux/arm/v6'), parsePlatform('linux/arm/v7')))
})

test('refuses what is no platform', async () => {
  for (const text of ['', 'linux', 'linux/', 'linux/amd64/v1/x', 'Linux/amd64', 'linux/am d64']) {
    await rejects(() => parsePlatform(text), 'ERR_INVALID_PLATFORM')
  }
})

test.run()
