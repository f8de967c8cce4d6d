import { spawnSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compareVersions } from '@waybill/debian'

const test = suite('compareVersions')

// Each before the next.
const ordered = [
  '1.0~~',
  '1.0~~a',
  '1.0~',
  '1.0',
  '1.0-0+b1',
  '1.0-1~deb12u1',
  '1.0-1',
  '1.0-1+b1',
  '1.0-1+deb13u3',
  '1.0-1+deb13u10',
  '1.0a',
  '1.0+a',
  '1.0.0',
  '1.9',
  '1.10',
  '2.36-9+deb12u14',
  '2.41-12',
  '1:0.1',
  '1:1.3.dfsg+really1.3.1-1+b1',
]

test('orders as the manual says', () => {
  for (const [at, a] of ordered.entries())
    for (const [other, b] of ordered.entries())
      assert.is(Math.sign(compareVersions(a, b)), Math.sign(at - other), `${a} ${b}`)
})

test('agrees with dpkg where there is one', () => {
  for (const a of ordered)
    for (const b of ordered.slice(0, 12)) {
      const { status, error } = spawnSync('dpkg', ['--compare-versions', a, 'lt', b])
      if (error !== undefined) return
      assert.is(compareVersions(a, b) < 0, status === 0, `${a} ${b}`)
    }
})

test.run()
