import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseCommit } from '@waybill/gate'

const test = suite('parseCommit')

test('reads type, scope, breaking mark and description', () => {
  const { header } = parseCommit('feat(api)!: add a thing')
  assert.equal(header, { type: 'feat', scope: 'api', breaking: true, description: 'add a thing' })
  assert.is(parseCommit('Update the readme').header, null)
  assert.is(parseCommit('https://example.org: x').header, null)
})

test('reads bytes as well as text, and a message of nothing', () => {
  assert.is(parseCommit(new TextEncoder().encode('fix: ünder')).header?.description, 'ünder')
  assert.is(parseCommit(Uint8Array.of(0xff, 0xfe, 0x66)).header, null)
  assert.is(parseCommit('').subject, '')
})

test('drops nothing for a body line like call(foo(bar))', () => {
  const parsed = parseCommit(
    'fix: a\n\nfoo(bar(baz))\ncall(foo bar\nfoo(a,\nb)\n\nBREAKING CHANGE: b',
  )
  assert.is(parsed.header?.type, 'fix')
  assert.equal(parsed.breaking, ['b'])
})

test('a fence that ends on its own line hides nothing below', () => {
  assert.equal(parseCommit('fix: a\n\n```npm i foo```\n\nBREAKING CHANGE: b').breaking, ['b'])
  assert.equal(parseCommit('fix: a\n\n```sh\nBREAKING CHANGE: b\n```').breaking, [])
  assert.equal(parseCommit('fix: a\n\n````\nBREAKING CHANGE: b\n````').breaking, [])
})

test('BREAKING CHANGE counts without a space, and right under another footer', () => {
  assert.equal(parseCommit('fix: a\n\nRefs: #1\nBREAKING CHANGE:b').breaking, ['b'])
  assert.equal(parseCommit('fix: a\n\nBREAKING-CHANGE:b').breaking, ['b'])
})

for (const line of [
  '**BREAKING CHANGE**: x',
  '**BREAKING CHANGE:** x',
  '* BREAKING CHANGE: x',
  '  BREAKING CHANGE: x',
  '⚠️ BREAKING CHANGE: x',
  'BREAKING CHANGE x',
  'BREAKING-CHANGES: x',
  'BREAKING: x',
  'BREAKING_CHANGE: x',
  'BREAKING  CHANGE: x',
]) {
  test(`"${line}" nearly marks a breaking change, which is said`, () => {
    const { breaking, findings } = parseCommit(`fix: a\n\n${line}`)
    assert.equal(breaking, [])
    assert.equal(
      findings.map(({ code, where }) => [code, where?.line]),
      [['near-miss', 3]],
    )
  })
}

test('what is no mistake about breaking changes is not called one', () => {
  const lines = [
    '### ⚠ BREAKING CHANGES',
    '> BREAKING CHANGE: x',
    'It is BREAKING CHANGE: x',
    'BREAKINGLY: x',
  ]
  for (const line of lines) assert.equal(parseCommit(`fix: a\n\n${line}`).findings, [], line)
  const [finding] = parseCommit('BREAKING CHANGE: the api').findings
  assert.is(finding?.suggestion, 'feat!: the api')
})

test('an order in bold that stands alone on its line is an error', () => {
  for (const line of ['**Release-As:** 2.0.0', '**Release-As: 2.0.0**', '**Release-As**: 2.0.0']) {
    const [finding] = parseCommit(`fix: a\n\n${line}`).findings
    assert.equal([finding?.code, finding?.level], ['release-as-inert', 'error'], line)
  }
})

const orders: readonly [string, string, string | null, string | null][] = [
  ['plain', 'Release-As: 2.0.0', null, '2.0.0'],
  ['any case', 'release-AS: 2.0.0', null, '2.0.0'],
  ['with v', 'Release-As: v2.0.0', null, '2.0.0'],
  ['no space', 'Release-As:2.0.0', null, '2.0.0'],
  ['hash separator', 'Release-As #2.0.0', null, '2.0.0'],
  ['scope', 'Release-As(core): 2.0.0', 'core', '2.0.0'],
  ['name and version', 'Release-As: @acme/core@2.0.0', '@acme/core', '2.0.0'],
  ['prerelease', 'Release-As: 2.0.0-beta.1', null, '2.0.0-beta.1'],
  ['build metadata', 'Release-As: 2.0.0+b1', null, '2.0.0+b1'],
  ['all', 'Release-As(*): 2.0.0', '*', '2.0.0'],
  ['prose after the version', 'Release-As: 2.0.0 because reasons', null, null],
  ['two numbers', 'Release-As: 2.0', null, null],
  ['leading zero', 'Release-As: 02.00.01', null, null],
  ['a word', 'Release-As: next', null, null],
  ['nothing', 'Release-As:', null, null],
  ['quoted', 'Release-As: "2.0.0"', null, null],
]
for (const [name, line, component, version] of orders) {
  test(`reads a Release-As footer: ${name}`, () => {
    const { releaseAs } = parseCommit(`chore: x\n\n${line}\n`)
    assert.equal(releaseAs, [{ component, version, text: line, line: 3 }])
  })
}

const zones: readonly [string, string][] = [
  ['no blank line before', 'chore: x\nRelease-As: 2.0.0'],
  ['carriage returns', 'chore: x\r\n\r\nRelease-As: 2.0.0\r\n'],
  ['trailers after it', 'chore: x\n\nRelease-As: 2.0.0\nSigned-off-by: A <a@b>\n\nRefs: #12'],
  ["GitHub's ruler", 'chore: x (#1)\n\nRelease-As: 2.0.0\n\n---------\n\nCo-authored-by: A <a@b>'],
  ['a merge body', 'Merge pull request #1 from a/b\n\nchore: x\n\nRelease-As: 2.0.0'],
  ['a squash body', 'chore: x (#1)\n\n* chore: a\n\nRelease-As: 2.0.0\n\n* fix: b'],
]
for (const [name, message] of zones) {
  test(`finds Release-As with ${name}`, () => {
    assert.is(parseCommit(message).releaseAs[0]?.version, '2.0.0')
  })
}

const inert: readonly [string, string, 'error' | 'warning'][] = [
  ['in the subject', 'chore: x (Release-As: 2.0.0)', 'warning'],
  ['before prose', 'chore: x\n\nRelease-As: 2.0.0\n\nand some words', 'error'],
  ['with prose under it', 'chore: x\n\nRelease-As: 2.0.0\n more', 'error'],
  ['indented', 'chore: x\n\n  Release-As: 2.0.0', 'error'],
  ['bold', 'chore: x\n\n**Release-As: 2.0.0**', 'error'],
  ['fenced', 'chore: x\n\n```\nRelease-As: 2.0.0\n```', 'error'],
  ['inside a sentence', 'chore: x\n\nWe write Release-As: 2.0.0 for this.', 'warning'],
]
for (const [name, message, level] of inert) {
  test(`finds Release-As where it means nothing: ${name}`, () => {
    const { releaseAs, findings } = parseCommit(message)
    assert.equal(releaseAs, [])
    assert.equal(
      findings.map(({ code, level }) => [code, level]),
      [['release-as-inert', level]],
    )
  })
}

for (const written of [
  'Release As: 1.4.0',
  'ReleaseAs: 1.4.0',
  'release_as: v1.4.0',
  'Releases-As: 1.4.0',
  'Relase-As: client@1.4.0',
  'Realease As(client): 1.4.0',
  '- **Release As: 1.4.0**',
]) {
  test(`does not pass over Release-As written as ${written}`, () => {
    const { releaseAs, findings } = parseCommit(`chore: x\n\n${written}\n`)
    assert.equal(releaseAs, [])
    assert.equal(
      findings.map(({ code, level }) => [code, level]),
      [['release-as-inert', 'error']],
    )
    assert.match(findings[0]!.message, /is not how Release-As is spelled/)
  })
}

test('takes no other words for a misspelled Release-As', () => {
  for (const line of [
    'Release: 1.4.0',
    'Releases: 1.4.0',
    'Release notes: 1.4.0',
    'Release as 1.4.0 says',
    'Release as: soon',
    'Released-At: 2026.11',
    'Reads as: 1.4.0',
    'Required as: 1.4.0',
    'Same release as: 1.4.0',
  ])
    assert.equal(parseCommit(`chore: x\n\n${line}\n`).findings, [], line)
})

const nearMisses: readonly [string, string][] = [
  ['feat (api): x', 'feat(api): x'],
  ['feat\\!: x', 'feat!: x'],
  ['feat(): x', 'feat: x'],
  ['feat!(api): x', 'feat(api)!: x'],
  ['feat : x', 'feat: x'],
  ['feat[api]: x', 'feat(api): x'],
  ['✨ feat: x', 'feat: x'],
]
for (const [subject, repaired] of nearMisses) {
  test(`suggests a repair for "${subject}"`, () => {
    const { header, findings } = parseCommit(subject)
    assert.is(header, null)
    assert.is(findings[0]?.code, 'near-miss')
    assert.is(findings[0]?.suggestion, repaired)
  })
}

const codes = (message: string): string[] => parseCommit(message).findings.map(({ code }) => code)

test('reports fixup!, upper case, BREAKING CHANGES and bullets of a squash body', () => {
  assert.equal(codes('fixup! feat: x'), ['unsquashed'])
  assert.equal(codes('Feat: x'), ['type-case'])
  assert.equal(codes('fix: x\n\nBREAKING CHANGES: y'), ['near-miss'])
  assert.equal(codes('chore: x (#1)\n\n* feat: a\n\n* chore: b'), ['squashed-header'])
  assert.equal(codes('feat: a plain one'), [])
})

test('reads what a revert takes back, in the forms of git and GitHub', () => {
  const git = parseCommit(
    'Revert "feat: x"\n\nThis reverts commit 0123456789abcdef0123456789abcdef01234567.',
  )
  assert.equal(git.reverts?.commits, ['0123456789abcdef0123456789abcdef01234567'])
  const hub = parseCommit('Revert "feat: x (#12)" (#13)\n\nReverts acme/scim#12')
  assert.equal(hub.reverts, { commits: [], pulls: [12], subject: 'feat: x (#12)' })
  assert.is(parseCommit('fix: do not revert the order').reverts, null)
})

test.run()
