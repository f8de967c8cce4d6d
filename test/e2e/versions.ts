// Versions on the command line: what `waybill version` plans, `--apply` writes, a person commits and `waybill release` publishes.
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { createRepository, type TestRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('waybill version, plan and release')

const npm = (name: string, version: string, more: object = {}): string =>
  `${JSON.stringify({ name, version, ...more }, null, 2)}\n`

const DEFINITION = `schemaVersion: 1
git: { remote: origin }
components:
  a: { path: packages/a, tag: "a-v{version}" }
  b: { path: packages/b, tag: "b-v{version}" }
  c: { path: packages/c, tag: "c-v{version}" }
`

interface Scene extends TestRepository {
  readonly bare: string
  run(...args: readonly string[]): Promise<CliResult>
  read(path: string): string
  push(): void
}

/** b needs a; c stands alone. All were released. */
function scene(definition = DEFINITION): Scene {
  const repository = createRepository()
  writeFileSync(join(repository.path, 'waybill.yaml'), definition)
  repository.commit({
    message: 'feat: start',
    files: {
      'package.json': npm('root', '0.0.0', { private: true, workspaces: ['packages/*'] }),
      'packages/a/package.json': npm('a', '1.2.0'),
      'packages/b/package.json': npm('b', '3.0.0', { dependencies: { a: '^1.0.0' } }),
      'packages/c/package.json': npm('c', '0.1.0'),
    },
  })
  for (const tag of ['a-v1.2.0', 'b-v3.0.0', 'c-v0.1.0']) repository.git('tag', tag)
  const bare = temporaryFolder('bare')
  execFileSync('git', ['init', '--quiet', '--bare', bare])
  repository.git('remote', 'add', 'origin', bare)
  const push = (): void => void repository.git('push', '--quiet', '--tags', 'origin', 'main')
  push()
  return {
    ...repository,
    bare,
    push,
    run: (...args) => waybill(args, { cwd: repository.path }),
    read: (path) => readFileSync(join(repository.path, path), 'utf8'),
  }
}

const tagsOf = (bare: string): string[] =>
  execFileSync('git', ['tag'], { cwd: bare, encoding: 'utf8' }).trim().split('\n')

interface VersionJson {
  readonly releases: readonly {
    readonly component: string
    readonly from: string
    readonly to: string
    readonly bump: string
    readonly reasons: readonly { readonly kind: string; readonly reason: string }[]
  }[]
  readonly files: readonly { readonly path: string }[]
}

const versions = (result: CliResult): VersionJson => result.json() as unknown as VersionJson
const steps = (result: CliResult): string[] =>
  versions(result).releases.map(({ component, to, bump }) => `${component} ${to} ${bump}`)

test('a dependent is planned and released too, with its reason; nothing is published before its edits are committed', async () => {
  const { run, commit, bare, git, read } = scene()
  commit({ message: 'feat!: other', files: { 'packages/a/x': '1' } })

  const planned = await run('version', '--json')
  assert.equal(steps(planned), ['a 2.0.0 major', 'b 3.0.1 patch'])
  const [, b] = versions(planned).releases
  assert.equal(
    b!.reasons.map(({ kind, reason }) => [kind, reason]),
    [['dependency', 'needs a ^1.0.0, which 2.0.0 leaves']],
  )
  assert.is(git('status', '--porcelain'), '', 'planning writes nothing')

  const plan = (await run('plan', '--json')).json() as { releases: VersionJson['releases'] }
  assert.equal(
    plan.releases.map(({ component, reasons }) => [component, reasons.map(({ kind }) => kind)]),
    [
      ['a', ['commit']],
      ['b', ['dependency']],
    ],
  )
  assert.match((await run('plan')).stdout, 'needs a ^1.0.0, which 2.0.0 leaves')

  const early = await run('release', '--yes', '--json')
  assert.is(early.code, 1)
  const { error } = early.json() as { error: { code: string; message: string; hint: string } }
  assert.is(error.code, 'ERR_VERSION_MISMATCH')
  assert.match(error.message, 'packages/a/package.json version: expected 2.0.0, found 1.2.0')
  assert.match(error.message, 'packages/b/package.json version: expected 3.0.1, found 3.0.0')
  assert.match(error.hint, 'waybill version --apply')
  assert.is((await run('build', '--json')).code, 1)

  assert.is((await run('version', '--apply', '--dry-run')).code, 0)
  assert.is(git('status', '--porcelain'), '', 'a dry run writes nothing')
  assert.is((await run('version', '--apply', '--json')).code, 0)
  assert.match(read('packages/b/package.json'), '"a": "^2.0.0"')
  const edited = git('diff')
  assert.equal(versions(await run('version', '--apply', '--json')).files, [], 'a second time')
  assert.is(git('diff'), edited)

  commit({ message: 'chore: release' })
  const released = await run('release', '--yes', '--json')
  assert.is(released.code, 0, released.stderr)
  assert.equal(tagsOf(bare), ['a-v1.2.0', 'a-v2.0.0', 'b-v3.0.0', 'b-v3.0.1', 'c-v0.1.0'])
  const again = await run('release', '--yes', '--json')
  assert.is(again.code, 0, 'the same commit again is that release again')
})

test('the definition names groups, the changelog and what it says', async () => {
  const more = `versions:
  fixed: [[a, c]]
  changelog: always
  notes: { a: { intro: Read the guide first. } }
`
  const { run, commit, read, path } = scene(
    DEFINITION.replace('components:', `${more}components:`).replace(
      'c: { path: packages/c,',
      'c: { path: packages/c, changelog: /CHANGES.md,',
    ),
  )
  commit({ message: 'fix: small', files: { 'packages/a/x': '1' } })
  assert.equal(steps(await run('version', '--apply', '--json')), ['a 1.2.1 patch', 'c 1.2.1 patch'])
  assert.match(
    read('packages/a/CHANGELOG.md'),
    /## \[?1\.2\.1.*Read the guide first\..*### Fixed.*small/s,
  )
  assert.match(read('CHANGES.md'), '1.2.1')
  assert.not(existsSync(join(path, 'packages/c/CHANGELOG.md')))
})

test('a line of prereleases is counted, released and promoted as it was tested', async () => {
  const { run, commit, git } = scene()
  commit({ message: 'feat: more', files: { 'packages/c/x': '1' } })
  const apply = async (...args: readonly string[]): Promise<string[]> => {
    const found = steps(await run('version', '--apply', '--json', ...args))
    commit({ message: 'chore: release' })
    return found
  }
  assert.equal(await apply('--prerelease', 'rc'), ['c 0.2.0-rc.1 minor'])
  assert.is(
    (await run('release', '--yes', '--json')).code,
    1,
    'without the line it is another version',
  )
  const begun = await run('release', '--yes', '--json', '--prerelease', 'rc')
  assert.is(begun.code, 0, begun.stdout)
  assert.ok(git('ls-remote', '--tags', 'origin').includes('refs/tags/c-v0.2.0-rc.1'))

  git('fetch', '--quiet', '--tags', 'origin')
  commit({ message: 'fix: mend', files: { 'packages/c/x': '2' } })
  assert.equal(await apply('--prerelease', 'rc'), ['c 0.2.0-rc.2 patch'])
  const counted = await run('release', '--yes', '--json', '--prerelease', 'rc')
  assert.is(counted.code, 0, counted.stdout)
  git('fetch', '--quiet', '--tags', 'origin')

  assert.equal(await apply('--promote'), ['c 0.2.0 minor'])
  const promoted = await run('release', '--yes', '--json', '--promote')
  assert.is(promoted.code, 0, promoted.stdout)
  git('fetch', '--quiet', '--tags', 'origin')
  assert.is((await run('release', '--yes', '--json', '--promote')).code, 0, 'again')
})

test('a tested commit without version files is promoted where it stands', async () => {
  const { run, commit, git } = scene(`schemaVersion: 1
git: { remote: origin }
components: { c: { path: packages/c, tag: "c-v{version}", versionFiles: [] } }
`)
  commit({ message: 'feat: more', files: { 'packages/c/x': '1' } })
  git('tag', 'c-v0.2.0-rc.1')
  const head = git('rev-parse', 'HEAD')
  const plan = (await run('plan', '--promote', '--json')).json() as {
    releases: { version: string; commit: string }[]
  }
  assert.equal(
    plan.releases.map(({ version, commit: at }) => [version, at]),
    [['0.2.0', head]],
  )
})

test('a plan that is blocked says why, as JSON and beside a matrix', async () => {
  const { run, commit } = scene()
  commit({ message: 'feat: more\n\nRelease-As: 0.0.1', files: { 'packages/c/x': '1' } })
  const plan = await run('plan', '--json')
  assert.is(plan.code, 1)
  const { findings } = plan.json() as { findings: { code: string; level: string }[] }
  assert.equal(
    findings.map(({ code, level }) => [code, level]),
    [['release-as-lower', 'error']],
  )
  const matrix = await run('plan', '--matrix', 'github')
  assert.equal([matrix.code, matrix.json()], [1, { include: [] }])
  assert.match(matrix.stderr, 'release-as-lower')
})

test('build metadata stands behind every version; a line that cannot be is refused', async () => {
  const { run, commit } = scene()
  commit({ message: 'fix: small', files: { 'packages/c/x': '1' } })
  assert.equal(steps(await run('version', '--json', '--metadata', 'build.5')), [
    'c 0.1.1+build.5 patch',
  ])
  const wrong = await run('version', '--json', '--prerelease', '12')
  assert.is(wrong.code, 2)
  assert.is((wrong.json()['error'] as { code: string }).code, 'ERR_INVALID_PRERELEASE')
})

test('--component plans that one and what follows from it', async () => {
  const { run, commit } = scene()
  commit({ message: 'fix: small', files: { 'packages/c/x': '1' } })
  commit({ message: 'feat!: other', files: { 'packages/a/x': '1' } })
  assert.equal(steps(await run('version', '--json', '--component', 'a')), [
    'a 2.0.0 major',
    'b 3.0.1 patch',
  ])
  assert.is((await run('version', '--json', '--component', 'd')).code, 2)
})

// Real programs of this machine that say a version of their own: git 2.39.5 or so, and echo (GNU coreutils) 9.1.
function prebuilt(name: string, more = ''): Scene {
  const here = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`
  const made = scene(`schemaVersion: 1
git: { remote: origin }
components:
  ${name}:
    path: app
    tag: "v{version}"
    builds: [{ toolchain: prebuilt, binary: ${name}, from: bin/${name}, platforms: [${here}]${more} }]
`)
  const from = execFileSync('which', [name], { encoding: 'utf8' }).trim()
  mkdirSync(join(made.path, 'app/bin'), { recursive: true })
  copyFileSync(realpathSync(from), join(made.path, 'app/bin', name))
  made.commit({ message: 'feat: a program' })
  return made
}

const onLinux = process.platform === 'linux' ? test : test.skip

onLinux('a binary that says another version is refused before anything is published', async () => {
  const { run, bare } = prebuilt('git')
  for (const command of [
    ['build', '--json'],
    ['release', '--yes', '--json'],
  ]) {
    const result = await run(...command)
    assert.is(result.code, 1, result.stdout)
    const { code, message } = result.json()['error'] as { code: string; message: string }
    assert.is(code, 'ERR_VERSION_MISMATCH')
    assert.match(message, /git --version: expected 0\.1\.0, found 2\.\d+\.\d+/)
  }
  assert.not.ok(tagsOf(bare).includes('v0.1.0'))
})

onLinux('one that is not to be asked, or says none, is released', async () => {
  const unasked = await prebuilt('git', ', versionArgs: []').run('build', '--json')
  assert.is(unasked.code, 0, unasked.stdout)
  const silent = await prebuilt('echo').run('build', '--json')
  assert.is(silent.code, 0)
  assert.match(silent.stderr, 'does not say its version')
})

test('a changeset for a package that nobody has blocks, and is said by version, plan and release alike', async () => {
  const { run, commit } = scene()
  const bad = '---\n"nobody": patch\n---\n\nx\n'
  commit({ message: 'chore: x', files: { '.changeset/bad.md': bad } })
  for (const words of [['version'], ['plan'], ['release', '--yes'], ['version', '--json']]) {
    const { code, stdout, stderr } = await run(...words)
    assert.is(code, 1, words.join(' '))
    assert.match(stdout + stderr, /nobody/, words.join(' '))
  }
})

test.run()
