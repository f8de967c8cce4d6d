import { status } from '@waybill/publish'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createImage } from '../helpers/destination.ts'
import { commitOf, digestOf, once, pair, release } from '../helpers/release.ts'

const test = suite('status')

test('says that everything of a release stands', async () => {
  const both = pair()
  await once('1.2.3', { ...both })
  const report = await status(release('1.2.3', commitOf('1.2.3')), { to: { ...both } })
  assert.ok(report.ok)
  assert.is(report.checked.length, 10)
  assert.ok(report.checked.every(({ found }) => found === digestOf('1.2.3')))
})

test('says what is missing, and where', async () => {
  const { hub, ghcr } = pair()
  await once('1.2.3', { hub })
  const report = await status({ version: '1.2.3' }, { to: { hub, ghcr } })
  assert.not.ok(report.ok)
  const missing = report.findings.filter(({ code }) => code === 'name-missing')
  assert.is(missing.length, 4)
  assert.ok(missing.every(({ where }) => where?.repository === ghcr.name))
  assert.match(missing[0]!.message, `1.2.3 is missing; it should be ${digestOf('1.2.3')}`)
})

test('says which rolling names differ, and which belong to a higher version', async () => {
  const { hub, ghcr } = pair()
  const to = { hub, ghcr }
  await once('1.2.3', to)
  await once('1.3.0', to)
  const report = await status({ version: '1.2.3' }, { to })
  assert.ok(report.ok)
  assert.equal(
    report.findings.map(({ message }) => message),
    [
      '1 stays where it is: 1.3.0 is higher than 1.2.3',
      'latest stays where it is: 1.3.0 is higher than 1.2.3',
    ],
  )
  const yanked = await status({ version: '1.2.3' }, { to, yanked: ['1.3.0'] })
  assert.equal(
    yanked.findings.map(({ code }) => code),
    ['name-differs', 'name-differs', 'name-differs', 'name-differs'],
  )
  hub.tags.set('1.2', createImage('other').content.subject.digest)
  assert.is((await status({ version: '1.2.3' }, { to })).findings[0]?.code, 'name-differs')
})

test('says that nothing stands', async () => {
  const { hub } = pair()
  const report = await status({ version: '1.2.3' }, { to: { hub } })
  assert.not.ok(report.ok)
  assert.ok(report.checked.every(({ found, expected }) => found === null && expected === null))
})

test.run()
