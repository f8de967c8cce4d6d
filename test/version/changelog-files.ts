import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { applyVersions, planVersions, type PlanVersionsOptions } from '@waybill/version'
import { made, type Made } from '../helpers/changelog.ts'
import { due, textOf } from '../helpers/version.ts'

const test = suite('planVersions: changelog files')

const REPOSITORY = 'https://github.com/acme/app'

async function written(one: Made, options: PlanVersionsOptions = {}): Promise<string> {
  const cwd = one.repository.path
  await applyVersions(await planVersions([one.decision], { cwd, ...options }), { cwd })
  return textOf(cwd, 'CHANGELOG.md')
}

test('a changelog that isn’t there is made only where that is wished', async () => {
  const one = made(['feat: more'])
  const plan = await planVersions([one.decision], { cwd: one.repository.path })
  assert.equal(
    plan.files.map(({ path }) => path),
    ['version'],
  )
  const log = await written(one, { changelog: 'always' })
  assert.match(log, /^# Changelog\n\nThe layout/)
  assert.match(log, /\n\n## 1\.2\.0 - 2023-11-14\n\n### Added\n\n- more \([0-9a-f]{7}\)\n$/)
})

test('the address comes from the remote, without its credentials', async () => {
  const one = made(['feat: more'])
  for (const remote of [
    'https://me:secret@git.example.org/acme/app.git',
    'git@git.example.org:acme/app.git',
    'ssh://git@git.example.org:2222/acme/app',
  ]) {
    one.repository.git('config', 'remote.origin.url', remote)
    const plan = await planVersions([one.decision], {
      cwd: one.repository.path,
      changelog: 'always',
    })
    const { edits } = plan.files.find(({ path }) => path === 'CHANGELOG.md')!
    const compare = 'https://git.example.org/acme/app/compare/app-v1.1.0...app-v1.2.0'
    assert.match(edits[0]!.to, `## [1.2.0](${compare}) - 2023-11-14`)
    assert.not.match(edits[0]!.to, 'secret')
  }
})

test('below Unreleased: what stood there becomes the release’s, links are definitions as before', async () => {
  const before = [
    '# Changelog \u00E9\u00FF',
    '',
    '## [Unreleased]',
    '',
    '### Added',
    '',
    '- by hand',
    '',
    '## [1.1.0] - 2023-01-01',
    '',
    '- old',
    '',
    '[Unreleased]: https://github.com/acme/app/compare/app-v1.1.0...HEAD',
    '[1.1.0]: https://github.com/acme/app/releases/tag/app-v1.1.0',
    '',
  ].join('\r\n')
  const one = made(['fix: x'], { 'CHANGELOG.md': before })
  const log = await written(one, { repository: REPOSITORY })
  const expected = Buffer.from(before)
    .toString('latin1')
    .replace(
      '## [Unreleased]\r\n',
      `## [Unreleased]\r\n\r\n## [1.2.0] - 2023-11-14\r\n\r\n### Fixed\r\n\r\n- x ([${one.commits[0]!.slice(0, 7)}](${REPOSITORY}/commit/${one.commits[0]}))\r\n`,
    )
    .replace('app-v1.1.0...HEAD', 'app-v1.2.0...HEAD')
    .replace('[1.1.0]:', `[1.2.0]: ${REPOSITORY}/compare/app-v1.1.0...app-v1.2.0\r\n[1.1.0]:`)
  assert.is(log, expected)
})

for (const [who, newest] of [
  [
    'release-please',
    '## [1.1.0](https://github.com/acme/app/compare/v1.0.0...v1.1.0) (2023-01-01)',
  ],
  [
    'semantic-release',
    '# [1.1.0](https://github.com/acme/app/compare/v1.0.0...v1.1.0) (2023-01-01)',
  ],
  ['changesets', '## 1.1.0'],
  ['release-plz', '## [app 1.1.0](https://x.org) - 2023-01-01'],
] as const) {
  test(`a changelog of ${who} goes on above its newest release`, async () => {
    const before = `# app\n\n${newest}\n\n* old\n`
    const one = made(['fix: x'], { 'CHANGELOG.md': before })
    const log = await written(one)
    assert.is(
      log,
      before.replace(
        newest,
        `## 1.2.0 - 2023-11-14\n\n### Fixed\n\n- x (${one.commits[0]!.slice(0, 7)})\n\n${newest}`,
      ),
    )
  })
}

test('a section that stands already is not written again', async () => {
  const one = made(['fix: x'], {
    'CHANGELOG.md': '# Changelog\n\n## [1.2.0] - 2023-11-14\n\n- by hand\n',
  })
  const plan = await planVersions([one.decision], { cwd: one.repository.path })
  assert.equal(
    plan.files.map(({ path }) => path),
    ['version'],
  )
  const other = made(['fix: x'], { 'CHANGELOG.md': '## 1.2.0-rc.1\n' })
  assert.match(await written(other), '## 1.2.0 - ')
})

test('components that share a changelog are told apart in it', async () => {
  const { repository } = made([], {
    'a/version': '1.0.0\n',
    'b/version': '1.0.0\n',
    'CHANGELOG.md': '# Changelog\n\n## a 1.0.0 - 2023-01-01\n',
  })
  const cwd = repository.path
  const changelogFiles = { a: '/CHANGELOG.md', b: '/CHANGELOG.md' }
  const decisions = [due('a', { path: 'a' }), due('b', { path: 'b' })]
  await applyVersions(await planVersions(decisions, { cwd, changelogFiles }), { cwd })
  assert.is(
    textOf(cwd, 'CHANGELOG.md'),
    [
      '# Changelog',
      '## a 1.1.0 - 2023-11-14',
      '### Added',
      '- x (1111111)',
      '## b 1.1.0 - 2023-11-14',
      '### Added',
      '- x (1111111)',
      '## a 1.0.0 - 2023-01-01\n',
    ].join('\n\n'),
  )
})

test.run()
