// `build`, `archive` and `rebuild` as a stranger meets them: twice at once, killed, on a full disk, with things in the way.
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { digestOf } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { createRandom } from '../helpers/mutate.ts'
import { createRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { tinyElf } from '../helpers/tiny-elf.ts'

const test = suite('build, archive and rebuild')

// Writes slowly and in two pieces what it declares, as linkers do, and notes that it ran.
const SCRIPT = `#!/bin/sh
echo run >> "$RUNS"
mkdir -p made
head -c 64 bin > "made/$1"
sleep 1
cat bin > "made/$1"
`
const definition = (runs: string): string => `schemaVersion: 1
components:
  app:
    path: .
    tag: "v{version}"
    builds:
      - toolchain: command
        binary: app
        command: [./build.sh, "{binary}"]
        output: "made/{binary}"
        env: { RUNS: "${runs}" }
        platforms: [linux/amd64]
    archives: { formats: [tar.gz] }
`

/** A program of 400 kB that hardly gets smaller when it is packed. */
function program(mark: string): Buffer {
  const random = createRandom(1)
  return tinyElf(
    'linux/amd64',
    mark + Buffer.from(Array.from({ length: 300_000 }, () => random(256))).toString('base64'),
  )
}

interface Place {
  readonly cwd: string
  /** How often it was compiled. */
  readonly runs: () => number
}

function prepare(): Place {
  const { path, commit, git } = createRepository()
  const runs = join(temporaryFolder('runs'), 'runs')
  const files = {
    'waybill.yaml': definition(runs),
    'build.sh': SCRIPT,
    bin: program('app'),
    '.gitignore': 'dist\n.waybill\nmade\n',
  }
  commit({ message: 'feat: first', files })
  execFileSync('chmod', ['+x', join(path, 'build.sh')])
  git('add', '--all')
  git('commit', '--quiet', '--amend', '--no-edit')
  return {
    cwd: path,
    runs: () => (existsSync(runs) ? readFileSync(runs, 'utf8').trim().split('\n').length : 0),
  }
}

const call = ({ cwd }: Place, ...words: readonly string[]): Promise<CliResult> =>
  waybill([...words, '--cwd', cwd])

async function ok(place: Place, ...words: readonly string[]): Promise<CliResult> {
  const result = await call(place, ...words)
  assert.is(result.code, 0, result.stderr + result.stdout)
  return result
}

/** Every file of the output folder with its digest. */
function digests(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  // A killed process cannot take away what it was writing beside a file's place.
  const files = names
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp'))
    .map((one) => join(one.parentPath, one.name))
  return Object.fromEntries(
    files.map((file) => [file.slice(folder.length), digestOf(readFileSync(file))]),
  )
}

test('two builds at once in one folder: one compiles, both have the same', async () => {
  const place = prepare()
  const results = await Promise.all([1, 2].map(() => ok(place, 'build', '--json')))
  assert.equal(results[0]!.json()['artifacts'], results[1]!.json()['artifacts'])
  assert.is(place.runs(), 1)
})

test('killed at any moment, then run again: as if nothing had been', async () => {
  const quiet = prepare()
  await ok(quiet, 'build')
  await ok(quiet, 'archive')
  const wanted = digests(join(quiet.cwd, 'dist'))
  const place = prepare()
  for (const delay of [200, 500, 900, 1400]) {
    for (const name of ['build', 'archive'])
      await waybill([name, '--cwd', place.cwd], {
        onStart: (child) => void sleep(delay).then(() => child.kill('SIGKILL')),
      })
  }
  await ok(place, 'build')
  await ok(place, 'archive')
  const found = digests(join(place.cwd, 'dist'))
  for (const name of Object.keys(wanted)) {
    if (name !== '/waybill.json') assert.ok(found[name] === wanted[name], name)
  }
  assert.equal(Object.keys(found).toSorted(), Object.keys(wanted).toSorted())
})

if (process.platform === 'linux' && process.getuid?.() === 0) {
  test('a full disk: said clearly, nothing half-written, and done once there is room', async () => {
    const place = prepare()
    const small = temporaryFolder('small')
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', small])
    try {
      const full = await call(place, 'build', '--out', small, '--json')
      assert.is(full.code, 1)
      assert.is((full.json()['error'] as { code: string }).code, 'ERR_DISK_FULL')
      assert.equal(readdirSync(small), [])
      execFileSync('mount', ['-o', 'remount,size=500k', small])
      await ok(place, 'build', '--out', small)
      const before = digests(small)
      const archive = await call(place, 'archive', '--out', small)
      assert.is(archive.code, 1)
      assert.equal(digests(small), before)
      execFileSync('mount', ['-o', 'remount,size=4m', small])
      await ok(place, 'archive', '--out', small)
    } finally {
      execFileSync('umount', [small])
    }
  })
}

test('an output folder that is a file is refused, naming it', async () => {
  const place = prepare()
  const result = await call(place, 'build', '--out', 'build.sh')
  assert.is(result.code, 1)
  assert.match(result.stderr, /build\.sh\S* cannot be written: a part of its path is a file/)
  assert.is(readFileSync(join(place.cwd, 'build.sh'), 'utf8'), SCRIPT)
})

test('archive refuses a record that was cut, and a binary that was changed or is gone', async () => {
  const place = prepare()
  await ok(place, 'build')
  const binary = join(place.cwd, 'dist/linux-amd64/app')
  appendFileSync(binary, 'more')
  const changed = await call(place, 'archive')
  assert.is(changed.code, 1)
  assert.match(changed.stderr, /ERR_DIGEST_MISMATCH/)
  rmSync(binary)
  const gone = await call(place, 'archive')
  assert.is(gone.code, 1)
  assert.match(gone.stderr, /linux-amd64\/app.*\[ERR_FILE_MISSING\]/)
  for (const name of readdirSync(join(place.cwd, 'dist'))) assert.not.match(name, /tar|SHA|tmp/)
  const record = join(place.cwd, 'dist/waybill.json')
  writeFileSync(record, readFileSync(record, 'utf8').slice(0, 50))
  for (const words of [['archive'], ['rebuild', 'linux-amd64/app']]) {
    const cut = await call(place, ...words)
    assert.is(cut.code, 1, cut.stderr)
    assert.match(cut.stderr, /waybill\.json.*\[ERR_INVALID_JSON\]/)
  }
  // A build replaces what it cannot read.
  await ok(place, 'build')
  await ok(place, 'archive')
})

test('rebuild takes the path as people type it, passes over a pipe, and explains a difference', async () => {
  const place = prepare()
  await ok(place, 'build')
  execFileSync('mkfifo', [join(place.cwd, 'pipe')])
  for (const path of ['linux-amd64/app', './linux-amd64/app', 'dist/linux-amd64/app']) {
    const result = await ok(place, 'rebuild', path, '--json')
    assert.is(result.json()['ok'], true)
  }
  // Not committed, so that it is the same release, built from something else.
  writeFileSync(join(place.cwd, 'bin'), program('APP'))
  const differs = await call(place, 'rebuild', 'dist/linux-amd64/app', '--json')
  assert.is(differs.code, 1)
  const report = differs.json() as { ok: boolean; findings: { message: string }[] }
  assert.is(report.ok, false)
  assert.match(report.findings[0]!.message, /first at byte \d+: "app/)
})

test('rebuild of what was not built is exit 2 with the nearest', async () => {
  const place = prepare()
  await ok(place, 'build')
  const result = await call(place, 'rebuild', 'linux-amd64/ap')
  assert.is(result.code, 2)
  assert.match(result.stderr, 'did you mean "linux-amd64/app"?')
})

test.run()
