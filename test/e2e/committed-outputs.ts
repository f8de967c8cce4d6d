// A commit brings sources, never outputs: what git tracks where a build or a cache puts its files is refused by name.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { digestOf } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { createMachine } from '../helpers/damage-cache.ts'
import { program } from '../helpers/images.ts'
import { createRepository, type TestRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { startRegistryProcess } from '../helpers/registry-process.ts'

const test = suite('outputs that a commit brings')
const registry = await startRegistryProcess(['--listen', '127.0.0.1:0'])
const EVIL = program('amd64', 'EVIL')

const definition = (env = ''): string => `schemaVersion: 1
registries: { a: ${registry.address}/acme }
components:
  hello:
    path: .
    tag: 'v{version}'
    versionFiles: []
    builds: [{ toolchain: command, binary: hello, command: [./build.sh, '{output}'], platforms: [linux/amd64]${env} }]
    archives: { formats: [tar.gz] }
    images: [{ repository: hello, base: scratch, path: /usr/bin/hello }]
`

function create(): TestRepository {
  const repository = createRepository()
  writeFileSync(join(repository.path, 'hello.bin'), program('amd64', 'reviewed'))
  writeFileSync(join(repository.path, 'build.sh'), '#!/bin/sh\ncp hello.bin "$1"\n')
  chmodSync(join(repository.path, 'build.sh'), 0o755)
  repository.commit({
    message: 'feat: first',
    files: { 'waybill.yaml': definition(), '.gitignore': '.waybill\ndist\n' },
  })
  return repository
}

function force({ path, git }: TestRepository, file: string, content: string | Buffer = 'x'): void {
  mkdirSync(dirname(join(path, file)), { recursive: true })
  writeFileSync(join(path, file), content)
  git('add', '--force', file)
}

function clone({ path }: TestRepository): string {
  const folder = join(temporaryFolder('clone'), 'repository')
  execFileSync('git', ['clone', '--quiet', path, folder])
  return folder
}

type Env = Readonly<Record<string, string | undefined>>

const commands: Readonly<Record<string, readonly string[]>> = {
  build: ['build'],
  'build --fresh': ['build', '--fresh'],
  'build --join': ['build', '--join', 'parts'],
  archive: ['archive'],
  release: ['release', '--yes'],
  'release --dry-run': ['release', '--dry-run'],
  rehearse: ['rehearse'],
}

const refused = ({ code, json }: CliResult, file: string): void => {
  assert.is(code, 1)
  const { error } = json() as { error: { code: string; message: string; hint: string } }
  assert.is(error.code, 'ERR_TRACKED_OUTPUT')
  assert.match(error.message, file)
  assert.match(error.hint, 'git rm -r --cached')
}

for (const [name, words] of Object.entries(commands))
  for (const file of ['.waybill/cache/compile/built/0a', 'dist/waybill.json'])
    test(`${name} refuses ${file}`, async () => {
      const repository = create()
      force(repository, file)
      repository.git('commit', '--quiet', '--message', 'fix: more')
      refused(await waybill([...words, '--json', '--cwd', clone(repository)]), file)
    })

const places: Readonly<Record<string, (repository: TestRepository) => Env | void>> = {
  '.waybill/x': (r) => force(r, '.waybill/x'),
  '.waybill/journal/a.ndjson': (r) => force(r, '.waybill/journal/a.ndjson'),
  '.waybill/rehearse/dist/waybill.json': (r) => force(r, '.waybill/rehearse/dist/waybill.json'),
  '.waybill/a file': (r) => force(r, '.waybill/a file'),
  'dist/linux-amd64/hello': (r) => force(r, 'dist/linux-amd64/hello', EVIL),
  'dist/a/b/c': (r) => force(r, 'dist/a/b/c'),
  'dist/SHA256SUMS': (r) => force(r, 'dist/SHA256SUMS'),
  'made/waybill.json': (r) => {
    force(r, 'made/waybill.json')
    symlinkSync('made', join(r.path, 'dist'))
  },
  dist: (r) => {
    mkdirSync(join(r.path, 'made'))
    symlinkSync('made', join(r.path, 'dist'))
    r.git('add', '--force', 'dist')
  },
  '.waybill': (r) => {
    symlinkSync('src', join(r.path, '.waybill'))
    r.git('add', '--force', '.waybill')
  },
  'caches/waybill/facts/a.json': (r) => {
    force(r, 'caches/waybill/facts/a.json')
    return { XDG_CACHE_HOME: join(r.path, 'caches') }
  },
  'state/waybill/cache.key': (r) => {
    force(r, 'state/waybill/cache.key', Buffer.alloc(32))
    return { XDG_STATE_HOME: join(r.path, 'state') }
  },
  'go/00/a-d': (r) => {
    force(r, 'go/00/a-d')
    return { GOCACHE: join(r.path, 'go') }
  },
  'zig/o/x': (r) => {
    force(r, 'zig/o/x')
    return { ZIG_GLOBAL_CACHE_DIR: 'zig' }
  },
  'cargo/registry/src/a.rs': (r) => {
    force(r, 'cargo/registry/src/a.rs')
    return { CARGO_HOME: join(r.path, 'cargo') }
  },
  'deno/gen/x': (r) => {
    force(r, 'deno/gen/x')
    return { DENO_DIR: join(r.path, 'deno') }
  },
  'home/.cache/go-build/a': (r) => {
    force(r, 'home/.cache/go-build/a')
    return { HOME: join(r.path, 'home'), XDG_CACHE_HOME: undefined }
  },
  'built/go/a': (r) => {
    force(r, 'built/go/a')
    r.commit({
      message: 'x',
      files: { 'waybill.yaml': definition(', env: { GOCACHE: built/go }') },
    })
  },
}

for (const [file, make] of Object.entries(places))
  test(`git tracks ${file}: refused by name`, async () => {
    const repository = create()
    const env = make(repository) ?? {}
    repository.git('commit', '--quiet', '--allow-empty', '--message', 'fix: more')
    refused(await waybill(['build', '--json', '--cwd', repository.path], { env }), file)
  })

const allowed: Readonly<Record<string, (repository: TestRepository) => Env | void>> = {
  'dist/.gitkeep and .waybill/.gitignore': (r) => {
    force(r, 'dist/.gitkeep', '')
    force(r, '.waybill/.gitignore', '*\n')
  },
  'names that only begin alike': (r) => {
    force(r, 'distribution/a')
    force(r, '.waybillx/a')
  },
  'a configuration of cargo': (r) => {
    force(r, 'cargo/config.toml', '')
    return { CARGO_HOME: join(r.path, 'cargo') }
  },
  'the root as output folder': () => ({ OUT: '.' }),
}

for (const [what, make] of Object.entries(allowed))
  test(`builds beside ${what}`, async () => {
    const repository = create()
    const { OUT = 'dist', ...env } = make(repository) ?? {}
    repository.git('commit', '--quiet', '--allow-empty', '--message', 'fix: more')
    const words = ['build', '--json', '--cwd', repository.path, '--out', OUT]
    const result = await waybill(words, { env })
    assert.is(result.code, 0, result.stderr)
  })

test('image refuses a tracked binary below the output folder, and takes one from elsewhere', async () => {
  const repository = create()
  force(repository, 'dist/linux-amd64/hello', EVIL)
  force(repository, '.waybill/hello', EVIL)
  force(repository, 'bin/hello', EVIL)
  repository.git('commit', '--quiet', '--message', 'fix: more')
  const make = (binary: string): Promise<CliResult> =>
    waybill([
      ...['image', '--binary', `linux/amd64=${binary}`, '--base', 'scratch', '--json'],
      ...['--path', '/usr/bin/hello', '--cwd', repository.path, '--out', temporaryFolder('layout')],
    ])
  refused(await make('dist/linux-amd64/hello'), 'dist/linux-amd64/hello')
  refused(await make('.waybill/hello'), '.waybill/hello')
  const taken = await make('bin/hello')
  assert.is(taken.code, 0, taken.stderr)
})

test("an attacker's whole cache on the releasing machine changes nothing that is released", async () => {
  const repository = create()
  const [attacker, victim] = [createMachine(), createMachine()]
  const made = await waybill(['build', '--json', '--cwd', repository.path], { env: attacker.env })
  assert.is(made.code, 0, made.stderr)
  const built = join(attacker.cache, 'compile/built')
  for (const name of readdirSync(built).filter((one) => !one.endsWith('.json')))
    writeFileSync(join(built, name), EVIL)
  for (const name of readdirSync(built).filter((one) => one.endsWith('.json'))) {
    const text = readFileSync(join(built, name), 'utf8')
    writeFileSync(join(built, name), text.replace(/"blob":"[^"]*"/, `"blob":"${digestOf(EVIL)}"`))
  }
  cpSync(attacker.cache, victim.cache, { recursive: true })
  chmodSync(victim.cache, 0o700)
  const words = ['release', '--yes', '--json', '--cwd', repository.path]
  const released = await waybill(words, { env: victim.env })
  assert.is(released.code, 0, released.stderr)
  assert.is(released.stderr.match(/not written with this key/g)?.length, 1, released.stderr)
  const binary = readFileSync(join(repository.path, 'dist/linux-amd64/hello'))
  assert.is(digestOf(binary), digestOf(program('amd64', 'reviewed')))
})

interface Built {
  repository: TestRepository
  record: string
  binary: string
}

async function built(): Promise<Built> {
  const repository = create()
  const result = await waybill(['build', '--json', '--cwd', repository.path])
  assert.is(result.code, 0, result.stderr)
  const out = join(repository.path, 'dist')
  return { repository, record: join(out, 'waybill.json'), binary: join(out, 'linux-amd64/hello') }
}

const edit = (file: string, from: string | RegExp, to: string): void => {
  const text = readFileSync(file, 'utf8')
  const changed = text.replace(from, to)
  assert.not.equal(changed, text)
  writeFileSync(file, changed)
}

const codeOf = ({ json }: CliResult): string => (json() as { error: { code: string } }).error.code

const wrong: Readonly<Record<string, readonly [string, (given: Built) => void]>> = {
  'a binary that was changed': ['ERR_DIGEST_MISMATCH', ({ binary }) => writeFileSync(binary, EVIL)],
  'a binary that is gone': [
    'ERR_DIGEST_MISMATCH',
    ({ binary, record }) => {
      renameSync(binary, `${binary}.old`)
      edit(record, '"kind":"binary"', '"kind":"archive"')
    },
  ],
  'a record of another commit': [
    'ERR_FOREIGN_BUILD',
    ({ record }) => edit(record, /"commit":"[0-9a-f]{40}"/, `"commit":"${'a'.repeat(40)}"`),
  ],
  'another commit that is checked out': [
    'ERR_FOREIGN_BUILD',
    ({ repository }) => void repository.commit({ message: 'fix: second', files: { a: 'a' } }),
  ],
  'a record of another definition': [
    'ERR_FOREIGN_BUILD',
    ({ record }) =>
      edit(record, /"definition":"sha256:[0-9a-f]{64}"/, `"definition":"${digestOf('x')}"`),
  ],
  'a definition that was changed': [
    'ERR_FOREIGN_BUILD',
    ({ repository }) => edit(join(repository.path, 'waybill.yaml'), 'tar.gz', 'zip'),
  ],
}

for (const [what, [code, change]] of Object.entries(wrong))
  test(`archive refuses ${what}`, async () => {
    const given = await built()
    change(given)
    const result = await waybill(['archive', '--json', '--cwd', given.repository.path])
    assert.is(result.code, 1, result.stdout)
    assert.is(codeOf(result), code)
  })

test('archive says of a record that somebody else wrote that it is so, and of its own nothing', async () => {
  const { repository, record, binary } = await built()
  const own = await waybill(['archive', '--json', '--cwd', repository.path])
  assert.is(own.code, 0, own.stderr)
  assert.not.match(own.stderr, 'was not written by')
  writeFileSync(binary, EVIL)
  edit(
    record,
    /"digest":"sha256:[0-9a-f]{64}"([^}]*"kind":"binary")/,
    `"digest":"${digestOf(EVIL)}"$1`,
  )
  const other = await waybill(['archive', '--json', '--cwd', repository.path])
  assert.match(other.stderr, 'was not written by')
})

test('build keeps nothing of a record that somebody else wrote', async () => {
  const { repository, record } = await built()
  const text = readFileSync(record, 'utf8')
  const { artifacts } = JSON.parse(text) as { artifacts: { path: string }[] }
  const more = { ...artifacts[0], path: 'linux-arm64/hello', platform: 'linux/arm64' }
  edit(record, '"artifacts":[', `"artifacts":[${JSON.stringify(more)},`)
  await waybill(['build', '--cwd', repository.path])
  assert.is(readFileSync(record, 'utf8'), text)
  assert.not.ok(existsSync(join(repository.path, '.waybill/cache')))
})

test('ends', () => registry.stop())

test.run()
