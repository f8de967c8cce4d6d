import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Decision } from '@waybill/core'
import { planVersions, renderChangelog, renderNotes } from '@waybill/version'
import { made, releaseOf } from '../helpers/changelog.ts'
import { createRepository } from '../helpers/repository.ts'
import { due, notDue } from '../helpers/version.ts'

const test = suite('planVersions: changelogs and notes')

const REPOSITORY = 'https://github.com/acme/app'

const link = (commit: string): string =>
  `[${commit.slice(0, 7)}](https://github.com/acme/app/commit/${commit})`

test('what breaks comes first, then the sections of Keep a Changelog, with links', async () => {
  const one = made([
    'fix(api): no crash on Vec<T> or `Map<K>` (#7)',
    'feat: say more',
    'perf: faster',
    'feat(api)!: drop v1\n\nBody.\n\nBREAKING CHANGE: send the v2 header',
    'fix(security): check the name',
  ])
  const [fix, feat, perf, drop, security] = one.commits as [string, string, string, string, string]
  const notes = renderNotes(await releaseOf(one), { repository: REPOSITORY })
  assert.is(
    notes,
    [
      '### Breaking',
      '',
      `- **api:** drop v1 (${link(drop)})`,
      '  send the v2 header',
      '',
      '### Added',
      '',
      `- say more (${link(feat)})`,
      '',
      '### Changed',
      '',
      `- faster (${link(perf)})`,
      '',
      '### Fixed',
      '',
      `- **api:** no crash on Vec\\<T> or \`Map<K>\` ([#7](https://github.com/acme/app/pull/7), ${link(fix)})`,
      '',
      '### Security',
      '',
      `- **security:** check the name (${link(security)})`,
      '',
      '[app-v1.1.0...app-v1.2.0](https://github.com/acme/app/compare/app-v1.1.0...app-v1.2.0)',
      '',
    ].join('\n'),
  )
})

test('each change stands once: the commit, its squash, its backport', async () => {
  const one = made(['fix: the same', 'fix: The same. (#66)', 'feat: other', 'fix: the same (#65)'])
  const { changes } = await releaseOf(one)
  assert.equal(
    changes.map(({ text, commits, pulls }) => [text, commits.length, pulls]),
    [
      ['other', 1, []],
      ['The same.', 3, [66, 65]],
    ],
  )
})

test('a commit that brings a changeset is described by it', async () => {
  const repository = createRepository()
  const first = repository.commit({
    message: 'chore: start',
    files: { version: '1.0.0\n', '.changeset/config.json': '{}' },
  })
  const file = '---\n"app": major\n---\n\nAnswers are JSON now. (#9)\n\nAsk with `accept`.\n'
  const commit = repository.commit({ message: 'feat: json', files: { '.changeset/one.md': file } })
  const { release: _release, ...common } = due('app')
  const decision = {
    ...common,
    ...due('app'),
    last: { tag: 'v1.0.0', version: '1.0.0', commit: first },
    commits: [{ commit, subject: 'feat: json', verdict: 'release', bump: 'minor', reason: '' }],
  } as Decision
  const planned = await releaseOf({ repository, decision, commits: [commit] })
  assert.is(planned.to, '2.0.0')
  assert.equal(planned.changes, [
    {
      section: 'breaking',
      text: 'Answers are JSON now.\n\nAsk with `accept`.',
      scope: null,
      commits: [commit],
      pulls: [9],
    },
  ])
})

test('notes as data: another text, another section, nothing, an introduction, a whole body', async () => {
  const one = made(['feat: a', 'feat: b', 'feat: c'])
  const [a, b, c] = one.commits as [string, string, string]
  const commits = {
    [a.slice(0, 9)]: 'Better words',
    [b]: null,
    [c]: { section: 'removed' as const },
  }
  const notes = { app: { intro: 'A calm release.', commits } }
  const planned = await releaseOf(one, { notes })
  assert.equal(
    planned.changes.map(({ section, text }) => [section, text]),
    [
      ['added', 'Better words'],
      ['removed', 'c'],
    ],
  )
  assert.match(
    renderNotes(planned, { notes: notes.app }),
    /^A calm release\.\n\n### Added\n\n- Better words/,
  )
  const body = { body: 'Just this.' }
  assert.is(renderChangelog(planned, { notes: body }), '## 1.2.0 - 2023-11-14\n\nJust this.\n')
})

test('an override where it means nothing, and notes about no commit, are warnings', async () => {
  const one = made(['fix: x\n\nBEGIN_COMMIT_OVERRIDE\nfeat: y\nEND_COMMIT_OVERRIDE'])
  const cwd = one.repository.path
  const plan = await planVersions([one.decision], {
    cwd,
    notes: { app: { commits: { abcdef0: 'z' } } },
  })
  assert.equal(
    plan.findings.map(({ code, level }) => [code, level]),
    [
      ['override-inert', 'warning'],
      ['notes-unused', 'warning'],
    ],
  )
})

test('a release of nothing of its own says with whom it came', async () => {
  const { repository } = made([], { 'a/version': '1.0.0\n', 'b/version': '1.0.0\n' })
  const plan = await planVersions([due('a', { path: 'a' }), notDue('b', { path: 'b' })], {
    cwd: repository.path,
    groups: { fixed: [['a', 'b']] },
  })
  assert.match(renderNotes(plan.releases[1]!), 'Released together with a; nothing else changed.')
})

test.run()
