import { readdirSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { applyVersions, planVersions } from '@waybill/version'
import { rejects } from '../helpers/rejects.ts'
import { due, folderWith, textOf, type Files } from '../helpers/version.ts'

const test = suite('planVersions')

const applied = async (
  files: Files,
  versionFiles: Parameters<typeof planVersions>[1] & {},
): Promise<string> => {
  const cwd = await folderWith(files)
  await applyVersions(await planVersions([due('app')], { cwd, ...versionFiles }), { cwd })
  return cwd
}

test('the files of a folder that carry a version are found by their names', async () => {
  const cwd = await folderWith({
    'app/package.json': '{\n\t"name": "app", "version" : "1.0.0"\n}\n',
    'app/Cargo.toml': '[package]\nname = "app"\nversion = "1.0.0" # kept\n',
    'app/version': '1.0.0\n',
    'app/README.md': '1.0.0\n',
  })
  const plan = await planVersions([due('app', { path: 'app' })], { cwd })
  assert.equal(
    plan.files.map(({ path, edits }) => [path, edits.map(({ at }) => at)]),
    [
      ['app/Cargo.toml', ['package.version']],
      ['app/package.json', ['version']],
      ['app/version', ['line 1']],
    ],
  )
  assert.is(textOf(cwd, 'app/version'), '1.0.0\n')
  assert.equal(readdirSync(cwd), ['.git', 'app'])
})

test('a release says what it goes from and to, and why', async () => {
  const cwd = await folderWith({ version: '1.0.0\n' })
  const { releases } = await planVersions([due('app')], { cwd })
  assert.equal(releases, [
    {
      component: 'app',
      path: '.',
      from: '1.0.0',
      to: '1.1.0',
      tag: 'app-v1.1.0',
      previousTag: 'app-v1.0.0',
      date: '2023-11-14',
      bump: 'minor',
      reasons: [
        {
          kind: 'commit',
          bump: 'minor',
          reason: 'feat: x: minor, as the type says',
          commit: '1'.repeat(40),
        },
      ],
      changes: [{ section: 'added', text: 'x', scope: null, commits: ['1'.repeat(40)], pulls: [] }],
    },
  ])
})

test('a manifest or lock file that cannot be read counts as absent, with a warning; a declared one is an error', async () => {
  const cwd = await folderWith({
    'package.json': '{"name": "app", "version": "1.0.0"}',
    'package-lock.json': 'not JSON',
    'pyproject.toml': 'not TOML',
  })
  const plan = await planVersions([due('app')], { cwd })
  assert.equal(
    plan.files.map(({ path }) => path),
    ['package.json'],
  )
  assert.equal(
    plan.findings.map(({ code, level, where }) => [code, level, where?.path]).toSorted(),
    [
      ['manifest-unreadable', 'warning', 'package-lock.json'],
      ['manifest-unreadable', 'warning', 'pyproject.toml'],
    ],
  )
  const versionFiles = { app: ['pyproject.toml'] }
  await rejects(planVersions([due('app')], { cwd, versionFiles }), 'ERR_INVALID_TOML')
})

for (const [written, first] of [
  ['0.0.0', '0.1.0'],
  ['1.0.0', '1.0.0'],
  ['2.0.0-rc.1', '2.0.0'],
] as const) {
  test(`a first release sets no manifest back: ${written} becomes ${first}, also when planned again`, async () => {
    const cwd = await folderWith({ 'package.json': `{"name":"app","version":"${written}"}` })
    const planned = () => planVersions([due('app', { from: null, to: '0.1.0' })], { cwd })
    const plan = await planned()
    assert.is(plan.releases[0]?.to, first)
    await applyVersions(plan, { cwd })
    assert.is((await planned()).releases[0]?.to, first)
  })
}

test('a first release that was ordered stands, whatever the manifest says', async () => {
  const cwd = await folderWith({ 'package.json': '{"name":"app","version":"1.0.0"}' })
  const first = due('app', { from: null, to: '0.5.0' })
  const releaseAs = { version: '0.5.0', commit: first.release.commit }
  const { releases } = await planVersions([{ ...first, releaseAs }], { cwd })
  assert.is(releases[0]?.to, '0.5.0')
})

test('a component that is not due changes nothing', async () => {
  const cwd = await folderWith({ version: '1.0.0\n' })
  const { release: _r, releaseAs: _a, resumed: _s, ...rest } = due('app')
  const plan = await planVersions([{ ...rest, status: 'not-due' }], { cwd })
  assert.equal([plan.releases, plan.files], [[], []])
})

test('JSON keys, TOML keys, YAML keys and patterns reach any place', async () => {
  const cwd = await applied(
    {
      'a.json': '{"a":{"b.c":[{"v":"1.0.0"},{"v":"1.0.0"}]}}',
      'b.toml': 'x = { y = [ { "z z" = \'1.0.0\' } ] }\r\n',
      'c.yaml': '# c\nimages:\n  - tag: "1.0.0" # one\n  - tag: v1.0.0\n',
      'src/version.go': 'package main\n\nconst Version = "1.0.0"\n',
    },
    {
      versionFiles: {
        app: [
          { path: 'a.json', keys: ['a["b.c"][*].v'] },
          { path: 'b.toml', keys: ['x.y[0]["z z"]'] },
          { path: 'c.yaml', keys: ['images[*].tag'] },
          { path: 'src/version.go', pattern: '^const Version = "{version}"' },
        ],
      },
    },
  )
  assert.is(textOf(cwd, 'a.json'), '{"a":{"b.c":[{"v":"1.1.0"},{"v":"1.1.0"}]}}')
  assert.is(textOf(cwd, 'b.toml'), 'x = { y = [ { "z z" = \'1.1.0\' } ] }\r\n')
  assert.is(textOf(cwd, 'c.yaml'), '# c\nimages:\n  - tag: "1.1.0" # one\n  - tag: v1.1.0\n')
  assert.is(textOf(cwd, 'src/version.go'), 'package main\n\nconst Version = "1.1.0"\n')
})

test('a chart gets its version and its appVersion', async () => {
  const chart = 'apiVersion: v2\nname: app\nversion: 1.0.0\nappVersion: "0.1.0"  # was forgotten\n'
  const cwd = await applied(
    { 'deploy/Chart.yaml': chart },
    { versionFiles: { app: ['deploy/Chart.yaml'] } },
  )
  assert.is(
    textOf(cwd, 'deploy/Chart.yaml'),
    'apiVersion: v2\nname: app\nversion: 1.1.0\nappVersion: "1.1.0"  # was forgotten\n',
  )
})

test('Python projects: the standard table, and Poetry’s', async () => {
  for (const table of ['project', 'tool.poetry']) {
    const text = `# p\n[${table}]\nname = "app"\nversion = "1.0.0"  # kept\n[tool.x]\nversion = "1.0.0"\n`
    const cwd = await applied({ 'pyproject.toml': text }, {})
    assert.is(textOf(cwd, 'pyproject.toml'), text.replace('1.0.0', '1.1.0'))
  }
  const cwd = await folderWith({
    'pyproject.toml': '[project]\nname = "app"\ndynamic = ["version"]\n',
  })
  assert.equal((await planVersions([due('app')], { cwd })).files, [])
})

test('a value that was left behind is a warning that says so', async () => {
  const cwd = await folderWith({ 'Chart.yaml': 'version: 1.0.0\nappVersion: "0.1.0"\n' })
  const plan = await planVersions([due('app')], { cwd })
  assert.equal(
    plan.findings.map(({ code, level, message }) => [code, level, message]),
    [
      [
        'version-file-behind',
        'warning',
        'Chart.yaml: appVersion is 0.1.0, but app was last released as 1.0.0',
      ],
    ],
  )
})

test('a path with a leading slash starts at the root', async () => {
  const cwd = await folderWith({ 'deploy/Chart.yaml': 'version: 1.0.0\n', 'app/x': '' })
  const plan = await planVersions([due('app', { path: 'app' })], {
    cwd,
    versionFiles: { app: ['/deploy/Chart.yaml'] },
  })
  assert.equal(
    plan.files.map(({ path }) => path),
    ['deploy/Chart.yaml'],
  )
})

test('a declared file that is not there is an error', async () => {
  const cwd = await folderWith({})
  const error = await rejects(
    planVersions([due('app')], { cwd, versionFiles: { app: ['Cargo.toml'] } }),
    'ERR_VERSION_FILE_MISSING',
  )
  assert.match(error.message, 'Cargo.toml')
})

for (const [what, file, content] of [
  ['no such key', { path: 'a.json', keys: ['b'] }, '{"version":"1.0.0"}'],
  ['no version at all', 'package.json', '{"name":"a"}'],
  ['an inherited version only', 'Cargo.toml', '[package]\nversion.workspace = true\n'],
  ['a pattern that matches nothing', { path: 'x.c', pattern: 'V "{version}"' }, 'W "1.0.0"'],
  ['a plain file with more in it', 'VERSION', 'version 1.0.0 of it\n'],
  ['a number', { path: 'a.json', keys: ['v'] }, '{"v": 1.0}'],
  ['a number', { path: 'a.toml', keys: ['v'] }, 'v = 1.0'],
  ['a block scalar', { path: 'a.yaml', keys: ['v'] }, 'v: |\n  1.0.0\n'],
] as const) {
  test(`a declared file with ${what} is an error`, async () => {
    const path = typeof file === 'string' ? file : file.path
    const cwd = await folderWith({ [path]: content })
    await rejects(
      planVersions([due('app')], { cwd, versionFiles: { app: [file] } }),
      'ERR_VERSION_NOT_FOUND',
    )
  })
}

test('a declared file that would not hold the new version is an error', async () => {
  const cwd = await folderWith({ 'v.h': '#define V "1.0.0"\n' })
  const versionFiles = { app: [{ path: 'v.h', pattern: String.raw`^#define V "(\d+\.\d+)` }] }
  const error = await rejects(planVersions([due('app')], { cwd, versionFiles }), 'ERR_VERSION_LAGS')
  assert.match(error.message, 'v.h: line 1 would be 1.1 after the edit, expected 1.1.0')
})

test('a path out of the repository is refused', async () => {
  const cwd = await folderWith({ 'app/x': '' })
  for (const path of ['../../etc/version', '/../x']) {
    await rejects(
      planVersions([due('app', { path: 'app' })], { cwd, versionFiles: { app: [path] } }),
      'ERR_OUTSIDE_REPOSITORY',
    )
  }
})

for (const key of ['', 'a..b', 'a[', 'a["b"', "a['b", 'a[x]', '"a']) {
  test(`the key ${key || '(none)'} is refused`, async () => {
    const cwd = await folderWith({ 'a.json': '{"a":{"b":"1.0.0"}}' })
    const versionFiles = { app: [{ path: 'a.json', keys: [key] }] }
    await rejects(planVersions([due('app')], { cwd, versionFiles }), 'ERR_INVALID_KEY')
  })
}

test('two components that want one place at two versions are refused', async () => {
  const cwd = await folderWith({ version: '1.0.0\n' })
  await rejects(
    planVersions([due('a'), due('b', { to: '2.0.0' })], { cwd }),
    'ERR_VERSION_CONFLICT',
  )
})

test.run()
