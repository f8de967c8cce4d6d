// Reading a repository executes nothing of it: every command that reads, beside everything that could be taken for a program.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { createCanary, HOOKS, hostileSettings, type Canary } from '../helpers/hostile-git.ts'
import { createRepository } from '../helpers/repository.ts'
import { tinyElf } from '../helpers/tiny-elf.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('reading')

const READING: readonly (readonly string[])[] = [
  ['check'],
  ['gate'],
  ['gate', '--policy', 'release-please'],
  ['gate', '--policy', 'changesets'],
  ['explain', 'HEAD'],
  ['lint', '--title', 'feat: b'],
  ['simulate'],
  ...['release-please', 'semantic-release', 'changesets', 'release-plz', 'every-commit'].map(
    (policy) => ['simulate', '--policy', policy],
  ),
  ['version'],
  ['version', '--apply', '--dry-run'],
  ['plan'],
  ['plan', '--matrix', 'github'],
  ['status', '1.0.0', '--timeout', '5'],
  ['lock', '--dry-run', '--timeout', '5'],
  ['archive'],
  ['heal', '127.0.0.1:1/a/b', '--timeout', '2'],
]
const BUILDING: readonly (readonly string[])[] = [
  ['build'],
  ['release', '--dry-run'],
  ['rehearse', '--dry-run'],
]

// What the toolchains and their launchers look for, and what git, npm and the tools whose files are read would load.
const PROGRAMS = [
  'git',
  'go',
  'zig',
  'bun',
  'deno',
  'node',
  'postject',
  'cargo',
  'rustc',
  'cargo-zigbuild',
  'python-zig',
  'gofmt',
  'rustup',
  'npm',
  'ssh',
  'gpg',
  'sh',
  'git-lfs',
  'tool',
]

const BUILDS = [
  '{ toolchain: go, binary: a, platforms: [linux/amd64] }',
  '{ toolchain: zig, binary: b, sources: [b.zig], platforms: [linux/amd64] }',
  '{ toolchain: bun, binary: c, entry: c.ts, platforms: [linux/amd64] }',
  '{ toolchain: deno, binary: d, entry: c.ts, platforms: [linux/amd64] }',
  '{ toolchain: node-sea, binary: e, entry: c.ts, platforms: [linux/amd64] }',
  '{ toolchain: cargo-zigbuild, binary: f, platforms: [linux/amd64] }',
  '{ toolchain: command, binary: g, command: [tool], platforms: [linux/amd64] }',
  '{ toolchain: command, binary: h, command: [./tool, x], platforms: [linux/amd64] }',
]

const definition = (builds: readonly string[]): string => `schemaVersion: 1
registries: { here: 127.0.0.1:1/acme }
components:
  a:
    path: .
    tag: 'v{version}'
    versionFiles: []
    builds: [${builds.join(', ')}]
    images: [{ repository: a, base: '127.0.0.1:1/b@sha256:${'0'.repeat(64)}', path: /a, identity: required }]
`

interface Scene {
  readonly path: string
  readonly canary: Canary
  readonly run: (words: readonly string[]) => Promise<CliResult>
}

function scene(files: Readonly<Record<string, string | Uint8Array>>): Scene {
  const repository = createRepository()
  const { path } = repository
  const canary = createCanary()
  const { script } = canary
  const programs = PROGRAMS.flatMap((name) => [`node_modules/.bin/${name}`, `bin/${name}`, name])
  repository.commit({ message: 'feat: a', files: { a: '1' } })
  repository.git('tag', 'v1.0.0')
  repository.commit({
    message: 'feat: b',
    files: {
      '.gitattributes': '* filter=evil diff=evil merge=evil\n',
      'b.zig': '',
      'c.ts': script,
      'rust-toolchain.toml': `[toolchain]\npath = "${path}/toolchain"\n`,
      'toolchain/bin/rustc': readFileSync(canary.file),
      'toolchain/bin/cargo': readFileSync(canary.file),
      '.cargo/config.toml': `[build]\nrustc-wrapper = "${canary.file}"\n[alias]\nzigbuild = "run"\n`,
      'Cargo.toml': '[package]\nname = "f"\nversion = "1.0.0"\nbuild = "build.rs"\n',
      'go.mod': 'module example.org/a\n\ngo 1.99.0\n\ntoolchain go1.99.0\n',
      'bunfig.toml': 'preload = ["./evil.cjs"]\n',
      'deno.json': '{"tasks": {"x": "./tool"}, "imports": {"x": "./evil.cjs"}}',
      '.npmrc': `node-options=--require ./evil.cjs\nscript-shell=${canary.file}\n`,
      'package.json': `{"name":"a","version":"1.0.0","scripts":{"version":"./tool","prepare":"./tool"},"release":{"extends":"./evil.cjs"},"commitlint":{"extends":["./evil.cjs"]}}`,
      '.changeset/config.json': '{"changelog":"../evil.cjs","commit":"../evil.cjs"}',
      '.changeset/one.md': '---\n"a": minor\n---\n\nmore\n',
      'release-please-config.json':
        '{"plugins":["./evil.cjs"],"packages":{".":{"release-type":"node"}}}',
      '.release-please-manifest.json': '{".":"1.0.0"}',
      'release-plz.toml': `[workspace]\npr_body = "{{ x }}"\n`,
      'cliff.toml': `[git]\ncommit_preprocessors = [{ pattern = "a", replace_command = "${canary.file}" }]\n`,
      ...Object.fromEntries(
        [
          'evil.cjs',
          '.releaserc.js',
          '.releaserc.cjs',
          'release.config.js',
          'release.config.cjs',
          'release.config.mjs',
          'commitlint.config.js',
          'commitlint.config.mjs',
          'prettier.config.mjs',
          '.pnpmfile.cjs',
          'changelog.config.js',
          '.versionrc.js',
        ].map((name) => [name, script]),
      ),
      ...files,
    },
  })
  for (const name of programs) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    copyFileSync(canary.file, join(path, name))
    chmodSync(join(path, name), 0o755)
  }
  for (const hook of HOOKS) copyFileSync(canary.file, join(path, '.git/hooks', hook))
  const config = join(path, '.git/config')
  for (const [kind, settings] of Object.entries(hostileSettings(canary, join(path, '.git/hooks'))))
    for (const [key, value] of kind === 'worktree' ? [] : settings)
      execFileSync('git', ['config', '--file', config, '--add', key, value])
  const PATH = ['.', '', 'bin', join(path, 'node_modules/.bin'), process.env['PATH']].join(
    delimiter,
  )
  const env = { PATH, HOME: temporaryFolder('home'), TMPDIR: temporaryFolder('tmp') }
  return { path, canary, run: (words) => waybill(words, { cwd: path, env }) }
}

for (const words of READING) {
  test(`waybill ${words.join(' ')} runs nothing of the repository`, async () => {
    const { canary, run } = scene({ 'waybill.yaml': definition(BUILDS) })
    const { stdout, stderr } = await run([...words, '--json'])
    assert.equal(canary.sang(), [], stdout + stderr)
  })

  test(`waybill ${words.join(' ')} does not run a definition, and says so`, async () => {
    const { path, canary, run } = scene({})
    writeFileSync(join(path, 'waybill.mjs'), `${canary.script}export default {}\n`)
    const refused = await run([...words, '--json'])
    assert.equal(canary.sang(), [])
    assert.is((refused.json()['error'] as { code: string }).code, 'ERR_CODE_NOT_ALLOWED')
    assert.is(refused.code, 2)
    await run([...words, '--json', '--allow-code'])
    assert.equal(canary.sang(), ['script canary'])
  })
}

for (const words of BUILDING) {
  test(`waybill ${words.join(' ')} runs nothing that git could run`, async () => {
    const build =
      '{ toolchain: prebuilt, binary: p, from: p, platforms: [linux/amd64], versionArgs: [] }'
    const { path, canary, run } = scene({
      'waybill.yaml': definition([build]),
      p: tinyElf('linux/amd64'),
    })
    const { stdout, stderr } = await run([...words, '--json'])
    assert.equal(canary.sang(), [], stdout + stderr)
    assert.is(existsSync(join(path, 'dist/linux-amd64/p')) || words[0] === 'rehearse', true, stderr)
  })
}

test('check names the tools that only the repository has, and --tools asks them', async () => {
  const { canary, run } = scene({
    'waybill.yaml': definition([BUILDS[2]!]),
  })
  const first = await run(['check', '--json'])
  const findings = first.json()['findings'] as { code: string; level: string }[]
  const codes = new Set(findings.map(({ code, level }) => `${level} ${code}`))
  assert.ok(codes.has('note tool-not-run') || !codes.has('error tool-missing'), first.stdout)
  assert.equal(canary.sang(), [])
  await run(['check', '--tools', '--json'])
  assert.ok(canary.sang().some((line) => line.includes('node_modules/.bin/bun')))
})

test.run()
