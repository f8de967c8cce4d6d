// A commit brings sources, never outputs: what git tracks where a build or a cache puts its files is refused by name.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
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
import { copyingDefinition, createCopying } from '../helpers/copying.ts'
import type { TestRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { startRegistryProcess } from '../helpers/registry-process.ts'

const test = suite('outputs that a commit brings')
const registry = await startRegistryProcess(['--listen', '127.0.0.1:0'])
const EVIL = program('amd64', 'EVIL')

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
      const repository = createCopying(registry.address)
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
    mkdirSync(join(r.path, 'src'))
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
      files: {
        'waybill.yaml': copyingDefinition(registry.address, ', env: { GOCACHE: built/go }'),
      },
    })
  },
}

for (const [file, make] of Object.entries(places))
  test(`git tracks ${file}: refused by name`, async () => {
    const repository = createCopying(registry.address)
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
    const repository = createCopying(registry.address)
    const { OUT = 'dist', ...env } = make(repository) ?? {}
    repository.git('commit', '--quiet', '--allow-empty', '--message', 'fix: more')
    const words = ['build', '--json', '--cwd', repository.path, '--out', OUT]
    const result = await waybill(words, { env })
    assert.is(result.code, 0, result.stderr)
  })

test('image refuses a tracked binary below the output folder, and takes one from elsewhere', async () => {
  const repository = createCopying(registry.address)
  force(repository, 'dist/linux-amd64/hello', EVIL)
  force(repository, '.waybill/hello', EVIL)
  force(repository, 'bin/hello', EVIL)
  repository.git('commit', '--quiet', '--message', 'fix: more')
  const make = (binary: string): Promise<CliResult> =>
    waybill([
      'image',
      '--binary',
      `linux/amd64=${binary}`,
      '--base',
      'scratch',
      '--path',
      '/usr/bin/hello',
      '--json',
      '--cwd',
      repository.path,
      '--out',
      temporaryFolder('layout'),
    ])
  refused(await make('dist/linux-amd64/hello'), 'dist/linux-amd64/hello')
  refused(await make('.waybill/hello'), '.waybill/hello')
  const taken = await make('bin/hello')
  assert.is(taken.code, 0, taken.stderr)
})

test("an attacker's whole cache on the releasing machine changes nothing that is released", async () => {
  const repository = createCopying(registry.address)
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

test('ends', () => registry.stop())

test.run()
