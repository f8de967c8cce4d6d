import { execFileSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { applyVersions, planVersions } from '@waybill/version'
import { testWith } from '../helpers/needs.ts'
import { due, folderWith, notDue, textOf } from '../helpers/version.ts'

const test = suite('planVersions: lock files')

const npm = (name: string, version: string, more: object = {}): string =>
  `${JSON.stringify({ name, version, ...more }, null, 2)}\n`

const run = (cwd: string, file: string, ...args: readonly string[]): string =>
  execFileSync(file, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

const crate = (name: string, version: string, rest = ''): string =>
  `[package]\nname = "${name}"\nedition = "2021"\n${version}\n${rest}`

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

// npm and Cargo are asked themselves: they refuse a lock file that no longer fits, and would write exactly what was edited.
test('package-lock.json is what npm would write', async () => {
  const cwd = await folderWith({
    'package.json': npm('root', '1.0.0', {
      workspaces: ['packages/*'],
      devDependencies: { b: '~3.0.0' },
    }),
    'packages/a/package.json': npm('@acme/a', '1.2.0'),
    'packages/b/package.json': npm('b', '3.0.0', {
      dependencies: { '@acme/a': '^1.0.0' },
      peerDependencies: { '@acme/a': '1 || 1.2.0' },
    }),
  })
  const lock = ['install', '--offline', '--package-lock-only', '--no-audit', '--no-fund']
  run(cwd, 'npm', ...lock)
  const plan = await planVersions(
    [
      due('root', { from: '1.0.0', to: '1.1.0' }),
      due('a', { path: 'packages/a', from: '1.2.0', to: '2.0.0-rc.1', bump: 'major' }),
      notDue('b', { path: 'packages/b', from: '3.0.0' }),
    ],
    { cwd },
  )
  await applyVersions(plan, { cwd })
  const edited = textOf(cwd, 'package-lock.json')
  assert.match(edited, '"^2.0.0-rc.1"')
  run(cwd, 'npm', ...lock)
  assert.is(textOf(cwd, 'package-lock.json'), edited)
  run(cwd, 'npm', 'ci', '--offline', '--no-audit', '--no-fund')
})

testWith(test, ['cargo'], 'Cargo.lock is what Cargo would write', async () => {
  const cwd = await folderWith({
    'Cargo.toml':
      '[workspace]\nresolver = "2"\nmembers = ["crates/*"]\n[workspace.package]\nversion = "0.3.1"\n' +
      '[workspace.dependencies]\na = { path = "crates/a", version = "0.3.1" }\n',
    'crates/a/Cargo.toml': crate('a', 'version.workspace = true'),
    'crates/a/src/lib.rs': '',
    'crates/b/Cargo.toml': crate('b', 'version = "1.0.0"', '[dependencies]\na.workspace = true\n'),
    'crates/b/src/lib.rs': '',
    'crates/c/Cargo.toml': crate(
      'c',
      'version.workspace = true',
      '[dependencies]\nb = { version = "1", path = "../b" }\n',
    ),
    'crates/c/src/lib.rs': '',
  })
  run(cwd, 'cargo', 'generate-lockfile', '--offline')
  const plan = await planVersions(
    [
      due('a', { path: 'crates/a', from: '0.3.1', to: '0.4.0' }),
      notDue('b', { path: 'crates/b', from: '1.0.0' }),
      notDue('c', { path: 'crates/c', from: '0.3.1' }),
    ],
    { cwd },
  )
  await applyVersions(plan, { cwd })
  const metadata = JSON.parse(
    run(cwd, 'cargo', 'metadata', '--locked', '--offline', '--format-version', '1'),
  ) as { packages: { name: string; version: string; dependencies: { req: string }[] }[] }
  assert.equal(
    metadata.packages.map(({ name, version, dependencies }) =>
      [name, version, ...dependencies.map(({ req }) => req)].join(' '),
    ),
    ['a 0.4.0', 'b 1.0.1 ^0.4.0', 'c 0.4.0 ^1.0.1'],
  )
})

testWith(test, ['cargo'], 'two versions of one name in Cargo.lock are told apart', async () => {
  const cwd = await folderWith({
    'Cargo.toml': '[workspace]\nresolver = "2"\nmembers = ["crates/*"]\nexclude = ["old"]\n',
    'crates/a/Cargo.toml': crate('a', 'version = "2.0.0"'),
    'crates/a/src/lib.rs': '',
    'crates/b/Cargo.toml': crate(
      'b',
      'version = "1.0.0"',
      '[dependencies]\na = { path = "../a", version = "2.0.0" }\nold = { path = "../../old", package = "a" }\n',
    ),
    'crates/b/src/lib.rs': '',
    'old/Cargo.toml': crate('a', 'version = "1.0.0"', '[workspace]\n'),
    'old/src/lib.rs': '',
  })
  run(cwd, 'cargo', 'generate-lockfile', '--offline')
  assert.match(textOf(cwd, 'Cargo.lock'), '"a 2.0.0"')
  const plan = await planVersions(
    [
      due('a', { path: 'crates/a', from: '2.0.0', to: '2.1.0' }),
      notDue('b', { path: 'crates/b', from: '1.0.0' }),
    ],
    { cwd },
  )
  await applyVersions(plan, { cwd })
  assert.match(textOf(cwd, 'Cargo.lock'), '"a 1.0.0"')
  run(cwd, 'cargo', 'metadata', '--locked', '--offline', '--format-version', '1')
})

test('every byte that is no version stays: marks, line ends, invalid UTF-8, a missing last line end', async () => {
  const bom = '\u00EF\u00BB\u00BF'
  const files: Record<string, string> = {
    'package.json': `${bom}{ "x":"\u00FF\u00C3(", "version"\t:\t"1.0.0"}`,
    'Cargo.toml': `${bom}# \u00E9\u00FF\r\n[package] \r\n  version= '1.0.0'\r\n`,
    'Chart.yaml': `${bom}# \u00FF\r\na: "\u00C3\u00A9"\r\nversion:   1.0.0   # \u00C3\u00A9\r\n\r\n`,
    version: `\r\n  1.0.0 \r\n\r\n`,
  }
  const cwd = await folderWith(
    Object.fromEntries(Object.entries(files).map(([path, text]) => [path, bytes(text)])),
  )
  await applyVersions(await planVersions([due('app')], { cwd }), { cwd })
  for (const [path, text] of Object.entries(files)) {
    assert.is(textOf(cwd, path), text.replace('1.0.0', '1.1.0'), path)
  }
})

test.run()
