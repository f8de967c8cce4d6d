// What simulate finds by itself: where release-please is configured, and which component is meant.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { simulate } from '@waybill/gate'
import { rejects } from '../helpers/rejects.ts'
import { createRepository } from '../helpers/repository.ts'

const test = suite('simulate: what it finds')

const CONFIG = JSON.stringify({
  packages: { '.': {} },
  'changelog-sections': [{ type: 'build', section: 'B' }],
})

for (const [how, path, workflow] of [
  [
    'the action',
    '.release-please-config.json',
    '- uses: googleapis/release-please-action@v4\n        with:\n          config-file: .release-please-config.json',
  ],
  [
    'the command line',
    'ci/rp.json',
    '- run: npx release-please release-pr --config-file=ci/rp.json --token=x',
  ],
  ['nobody', '.github/release-please-config.json', '- run: ./release.sh'],
] as const) {
  test(`reads release-please's configuration where it lies, named by ${how}`, async () => {
    const { commit, git, path: cwd } = createRepository()
    const files = {
      [path]: CONFIG,
      '.github/workflows/release.yml': `on: push\njobs:\n  release:\n    steps:\n      ${workflow}\n`,
    }
    commit({ message: 'feat: start', files })
    git('tag', 'v1.0.0')
    commit({ message: 'build: a', files: { a: '1' } })
    git('tag', 'v1.0.1')
    const { totals } = await simulate({ cwd, policy: 'release-please' })
    assert.is(totals.exact, 1)
  })
}

test('one component is chosen by its name, the root as "."; an unknown one is named with the nearest', async () => {
  const { commit, git, path: cwd } = createRepository()
  commit({ message: 'feat: start', files: { 'core/a': '1' } })
  for (const tag of ['v1.0.0', 'core-v1.0.0']) git('tag', tag)
  commit({ message: 'fix: a', files: { 'core/a': '2' } })
  for (const tag of ['v1.0.1', 'core-v1.0.1']) git('tag', tag)
  const tagsOf = async (component: string): Promise<string[]> =>
    (await simulate({ cwd, component })).releases.map(({ tag }) => tag)
  assert.equal(await tagsOf('.'), ['v1.0.1'])
  assert.equal(await tagsOf('core'), ['core-v1.0.1'])
  const error = await rejects(tagsOf('cor'), 'ERR_UNKNOWN_COMPONENT')
  assert.match(error.message, 'did you mean "core"?')
})

test('tags of which none is a release are said, not passed over', async () => {
  const { commit, git, path: cwd } = createRepository()
  commit({ message: 'feat: start' })
  assert.equal((await simulate({ cwd })).findings, [], 'no tag at all says itself')
  for (const tag of ['v1.0.0', 'v1.0.1', 'v1.0.2', 'v1.0.3']) git('tag', tag)
  const { findings, totals } = await simulate({ cwd, tagFormat: 'a-{version}' })
  assert.is(totals.releases, 0)
  assert.equal(findings, [
    {
      code: 'no-release-tags',
      level: 'warning',
      message: 'No tag is a release, expected a-{version}, found v1.0.0, v1.0.1, v1.0.2 and 1 more',
    },
  ])
  for (const tag of git('tag').trim().split('\n')) git('tag', '-d', tag)
  git('tag', 'nightly')
  const [looks] = (await simulate({ cwd })).findings
  assert.is(looks?.message, 'No tag is a release, expected a version, found nightly')
})

test.run()
