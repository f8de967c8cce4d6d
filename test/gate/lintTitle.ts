import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { lintTitle } from '@waybill/gate'

const test = suite('lintTitle')
const codes = (title: string, body?: string): string[] =>
  lintTitle(title, body).findings.map(({ code }) => code)

test('accepts a conventional title and says what it bumps', () => {
  const report = lintTitle('feat(api): add groups', 'Some words.')
  assert.ok(report.ok)
  assert.equal(report.checked, [{ subject: 'feat(api): add groups', type: 'feat', bump: 'minor' }])
  assert.is(lintTitle('fix!: x').checked[0]!.bump, 'major')
  assert.is(lintTitle('chore: x', 'BREAKING CHANGE: y').checked[0]!.bump, 'major')
})

for (const title of ['Add groups', '', 'feat (api): x', 'feat:', 'a\nb', 'fixup! feat: x']) {
  test(`refuses ${JSON.stringify(title)}`, () => {
    const report = lintTitle(title)
    assert.not(report.ok)
    assert.ok(report.findings.every(({ message }) => message.length > 0))
  })
}

test("takes the title of GitHub's revert button", () => {
  const report = lintTitle('Revert "feat: x"', 'Reverts acme/app#12')
  assert.equal(report.findings, [])
  assert.is(report.checked[0]!.bump, 'patch')
})

test('suggests the repaired title', () => {
  const { findings } = lintTitle('feat (api): x')
  assert.ok(findings.some(({ suggestion }) => suggestion === 'feat(api): x'))
})

test('checks Release-As in the description', () => {
  assert.equal(codes('chore: x', 'Release-As: 2.0.0'), [])
  assert.equal(codes('chore: x', 'Release-As: 2'), ['release-as-malformed'])
  assert.equal(codes('chore: x', 'Release-As: 2.0.0\r\n\r\nAnd more words'), ['release-as-inert'])
  assert.equal(codes('chore: x (Release-As: 2.0.0)'), ['release-as-inert'])
  const components = [{ name: 'scim', path: 'scim', tag: 'v{version}' }]
  const report = lintTitle('chore: x', 'Release-As(scmi): 2.0.0', { components })
  assert.match(report.findings[0]!.message, 'did you mean "scim"')
})

test('warns of a type nobody knows', () => {
  const report = lintTitle('wip: x')
  assert.ok(report.ok)
  assert.equal(
    report.findings.map(({ code, level }) => [code, level]),
    [['type-unknown', 'warning']],
  )
})

test.run()
