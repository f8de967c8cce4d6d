// The command line's frame: help, versions, wrong usage, exit codes, one JSON document.
import { writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BIN, waybill } from '../helpers/cli.ts'
import { createRepository } from '../helpers/repository.ts'
import { tinyElf } from '../helpers/tiny-elf.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('command line')
const definition = `schemaVersion: 1
components:
  app: { path: app, tag: "app-v{version}" }
`

test('--version prints the version alone, --help every command', async () => {
  const version = await waybill(['--version'])
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
  const help = await waybill(['--help'])
  assert.is(help.code, 0)
  for (const name of ['gate', 'plan', 'build', 'image', 'verify', 'publish', 'release', 'rehearse'])
    assert.match(help.stdout, new RegExp(`^ {2}${name} `, 'm'))
})

test('every command has --help, and refuses an unknown option with the nearest name', async () => {
  const { stdout } = await waybill(['--help'])
  const names = [...stdout.matchAll(/^ {2}([a-z-]+) {2}/gm)].map(([, name]) => name!)
  assert.ok(names.length > 12)
  await Promise.all(
    names.map(async (name) => {
      const help = await waybill([name, '--help'])
      assert.is(help.code, 0, name)
      assert.match(help.stdout, `Usage: waybill ${name}`)
      const wrong = await waybill([name, '--jsonn'])
      assert.is(wrong.code, 2, `${name}: ${wrong.stderr}`)
      assert.match(wrong.stderr, '--json')
    }),
  )
})

test('an unknown command is exit 2 with the nearest name, as JSON too', async () => {
  const plain = await waybill(['realease'])
  assert.is(plain.code, 2)
  assert.match(plain.stderr, 'did you mean "release"?')
  const json = await waybill(['realease', '--json'])
  assert.is(json.code, 2)
  const { error } = json.json() as { error: { code: string; hint: string } }
  assert.is(error.code, 'ERR_USAGE')
  assert.type(error.hint, 'string')
})

test('--cwd must be a folder: exit 2, naming it', async () => {
  for (const cwd of ['/nowhere/at/all', BIN]) {
    const { code, json } = await waybill(['gate', '--json', '--cwd', cwd])
    assert.is(code, 2)
    const { error } = json() as { error: { code: string; message: string } }
    assert.is(error.code, 'ERR_USAGE')
    assert.match(error.message, cwd)
  }
})

test('simulate takes no tag format that holds no version: exit 2, naming it', async () => {
  const result = await waybill(['simulate', '--json', '--tag-format', 'nightly'])
  assert.is(result.code, 2)
  const { error } = result.json() as { error: { code: string; message: string } }
  assert.is(error.code, 'ERR_USAGE')
  assert.match(error.message, 'Expected a tag with {version} in it, found "nightly"')
})

test('types, and what breaks before 1.0.0, are the policy of the definition', async () => {
  const { path, commit, git } = createRepository()
  const policy = 'policy: { types: { Docs: patch, perf: none }, breakingBeforeMajor: major }\n'
  writeFileSync(`${path}/waybill.yaml`, definition + policy)
  commit({ message: 'feat: start', files: { 'app/a': '0' } })
  git('tag', 'app-v0.1.0')
  for (const [message, version] of [
    ['perf: faster', null],
    ['docs: say more', '0.1.1'],
    ['fix!: stricter', '1.0.0'],
  ] as const) {
    commit({ message, files: { 'app/a': message } })
    const { json } = await waybill(['gate', '--json'], { cwd: path })
    const { components } = json() as { components: { version: string | null }[] }
    assert.is(components[0]!.version, version, message)
  }
  const lint = await waybill(['lint', '--json', '--title', 'docs: more'], { cwd: path })
  const { checked } = lint.json() as { checked: { bump: string }[] }
  assert.is(checked[0]!.bump, 'patch')
})

test('outside a git repository, without commits and without a definition: one clear line each', async () => {
  const outside = temporaryFolder()
  const none = await waybill(['build', '--cwd', outside])
  assert.is(none.code, 2)
  assert.match(none.stderr, 'No definition in')
  const { path, git } = createRepository()
  writeFileSync(`${path}/waybill.yaml`, definition)
  writeFileSync(`${outside}/waybill.yaml`, definition)
  for (const [cwd, words] of [
    [outside, 'not a git repository'],
    [path, 'no commits'],
  ] as const) {
    const result = await waybill(['gate', '--cwd', cwd])
    assert.ok(result.code === 1 || result.code === 2, `${result.code}`)
    assert.match(result.stderr.toLowerCase(), words)
    assert.not.match(result.stderr, /\n\s+at /)
  }
  assert.is(git('status', '--porcelain'), '?? waybill.yaml')
})

test('without a definition the components are found, and that is said; one that is named must be there', async () => {
  const { path, commit, git } = createRepository()
  commit({ message: 'feat: start', files: { 'core/a': '1', 'cli/a': '1' } })
  git('tag', 'core-v1.0.0')
  git('tag', 'cli/v2.0.0')
  const name = commit({ message: 'fix: mend', files: { 'core/a': '2' } })
  const gate = await waybill(['gate', '--cwd', path, '--json'])
  assert.is(gate.code, 0, gate.stdout)
  assert.match(gate.stderr, /no definition.*cli \(in cli, cli\/v\{version\}\), core \(in core/)
  const components = gate.json()['components'] as {
    name: string
    status: string
    version: string
  }[]
  assert.equal(
    components.map((one) => [one.name, one.status, one.version]),
    [
      ['cli', 'not-due', null],
      ['core', 'due', '1.0.1'],
    ],
  )
  const explained = (await waybill(['explain', name, '--cwd', path, '--json'])).json()
  assert.is((explained['components'] as { verdict: string }[])[1]!.verdict, 'release')
  for (const command of ['version', 'plan']) {
    const { releases } = (await waybill([command, '--cwd', path, '--json'])).json() as {
      releases: { component: string }[]
    }
    assert.equal(
      releases.map(({ component }) => component),
      ['core'],
      command,
    )
  }
  const gone = await waybill(['gate', '--cwd', path, '--config', 'gone.yaml', '--json'])
  assert.is(gone.code, 2)
  assert.is((gone.json()['error'] as { code: string }).code, 'ERR_NO_DEFINITION')
})

test('a shallow clone is refused with what to do', async () => {
  const origin = createRepository()
  origin.commit({ message: 'feat: one', files: { 'waybill.yaml': definition, 'app/a': '1' } })
  origin.commit({ message: 'fix: two', files: { 'app/a': '2' } })
  const clone = temporaryFolder('clone')
  origin.git('clone', '--quiet', '--depth=1', `file://${origin.path}`, `${clone}/c`)
  const result = await waybill(['gate', '--cwd', `${clone}/c`, '--json'])
  assert.is.not(result.code, 0)
  const { error } = result.json() as { error: { message: string; hint: string } }
  assert.match(`${error.message} ${error.hint}`, /shallow/i)
  assert.match(error.hint, /fetch/)
})

test('gate: due is 0, nothing to release 3, an error among the findings 1', async () => {
  const { path, commit } = createRepository()
  commit({ message: 'ci: first', files: { 'waybill.yaml': definition, 'app/a': '1' } })
  const nothing = await waybill(['gate', '--cwd', path, '--json'])
  assert.is(nothing.code, 3)
  const name = commit({ message: 'feat: it works', files: { 'app/a': '2' } })
  const due = await waybill(['gate', '--cwd', path, '--json'])
  assert.is(due.code, 0)
  const [component] = due.json()['components'] as [Record<string, unknown>]
  assert.is(component['status'], 'due')
  assert.is(component['name'], 'app')
  assert.is((component['commits'] as { commit: string }[])[0]?.commit, name)
  commit({ message: 'feat: more\n\nRelease-As: nonsense', files: { 'app/a': '3' } })
  assert.is((await waybill(['gate', '--cwd', path])).code, 1)
})

test('options may stand before the command; --quiet keeps only the result', async () => {
  const { path, commit } = createRepository()
  commit({ message: 'feat: first', files: { 'waybill.yaml': definition, 'app/a': '1' } })
  const result = await waybill(['--cwd', path, '--quiet', '--json', 'plan'])
  assert.is(result.code, 0, result.stderr)
  assert.is(result.stderr, '')
  assert.is((result.json()['releases'] as unknown[]).length, 1)
})

test('publish refuses what is wrong before it opens anything: exit 2', async () => {
  const words = ['publish', 'no-such-image', '--version', '1.0.0']
  const to = ['--to', '127.0.0.1:1/acme/app', '--waive-identity', 'a test']
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--to', '127.0.0.1:1/acme/app:tag', '--waive-identity', 'a test'], /without tag or digest/],
    [[...to, '--git-tag', 'v1'], /--git and --git-tag/],
    [[...to, '--plan-digest', 'sha256:12'], /no digest/],
    [['--to', '127.0.0.1:1/acme/app', '--waive-identity', ' '], /needs a reason/],
  ]
  for (const [more, message] of cases) {
    const result = await waybill([...words, ...more])
    assert.is(result.code, 2, result.stderr)
    assert.match(result.stderr, message)
  }
})

test('--timeout says that the time was up; a registry prints one JSON document', async () => {
  const result = await waybill(['registry', '--json', '--timeout', '1'])
  assert.is(typeof result.json()['address'], 'string')
  const { path, commit } = createRepository()
  commit({ message: 'feat: first', files: { 'waybill.yaml': definition } })
  const late = await waybill(['gate', '--cwd', path, '--timeout', '1ms'])
  assert.is(late.code, 4)
  assert.match(late.stderr, /Gave up after 0.001 s/)
})

test('check says which folders, sources and version files are not there', async () => {
  const { path, commit } = createRepository()
  const text = `schemaVersion: 1
components:
  app:
    path: app
    tag: "app-v{version}"
    versionFiles: [package.json, /root.json, gone.json]
    builds:
      - { toolchain: zig, binary: app, sources: [main.c, lost.c], platforms: [linux/amd64] }
  other: { path: nowhere, tag: "other-v{version}" }
`
  const files = { 'app/main.c': 'int main(void){return 0;}', 'app/package.json': '{}' }
  commit({ message: 'feat: first', files: { 'waybill.yaml': text, 'root.json': '{}', ...files } })
  const result = await waybill(['check', '--cwd', path, '--json'])
  assert.is(result.code, 1, result.stderr)
  const { findings } = result.json() as { findings: { code: string; message: string }[] }
  const missing = findings.filter(({ code }) => code === 'file-missing')
  assert.equal(
    missing.map(({ message }) => message.replace(/, which.*/, '')),
    [
      '"components.app.versionFiles.2" names gone.json',
      '"components.app.builds.0" names lost.c',
      '"components.other.path" names the folder nowhere',
    ],
  )
})

test('a build of uncommitted changes says so', async () => {
  const { path, commit } = createRepository()
  const build = definition.replace(
    '}"',
    '}", builds: [{ toolchain: prebuilt, binary: app, from: app/app, platforms: [linux/amd64] }]',
  )
  const app = tinyElf('linux/amd64')
  commit({
    message: 'feat: first',
    files: { 'waybill.yaml': build, 'app/app': app, 'app/other': '1' },
  })
  const clean = await waybill(['build', '--cwd', path, '--out', `${path}/dist`])
  assert.not.match(clean.stderr, 'differ from the commit')
  writeFileSync(`${path}/app/other`, '2')
  const dirty = await waybill(['build', '--cwd', path, '--out', `${path}/dist`])
  assert.match(dirty.stderr, /1 tracked files differ from the commit: app\/other/)
})

test.run()
