// What cannot be told must not end what is being done: a reader of stdout or stderr that goes away, a full disk behind either.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry } from '@waybill/testkit'
import { BIN, ROOT, run, type CliResult } from '../helpers/cli.ts'
import { closingAfter } from '../helpers/closing.ts'
import { tagsOf } from '../helpers/registry-process.ts'
import { createReleasedImage, publishWords } from '../helpers/released-image.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('broken outputs')
const opened = closingAfter(test)
const image = await createReleasedImage()
const NAMES = ['1', '1.0', '1.0.0', 'latest', 'sha-1a2b3c4']

interface Case {
  readonly what: string
  /** Redirections of a shell; `GONE` is a pipe that nobody reads. */
  readonly to: string
  readonly code: number
  readonly stderr?: RegExp
  readonly stdout?: RegExp
}

// A pipe is only known to have no reader once the reader has ended.
const GONE = 'exec 7> >(exit 0); wait $!;'
const cases: readonly Case[] = [
  { what: 'nobody reads stderr', to: '2>&7', code: 0, stdout: /"outcome": "applied"/ },
  { what: 'stderr is full', to: '2>/dev/full', code: 0, stdout: /"outcome": "applied"/ },
  { what: 'stderr is closed', to: '2>&-', code: 0, stdout: /"outcome": "applied"/ },
  { what: 'nobody reads stdout', to: '>&7', code: 0, stderr: /nobody read the result/ },
  { what: 'stdout is full', to: '>/dev/full', code: 1, stderr: /no room left \[ERR_DISK_FULL/ },
  { what: 'both are full', to: '>/dev/full 2>&1', code: 1 },
  { what: 'nobody reads either', to: '>&7 2>&7', code: 0 },
]

const shell = (words: readonly string[], to: string, cwd: string): Promise<CliResult> =>
  run('bash', ['-c', `${GONE} "$@" ${to}`, 'bash', process.execPath, BIN, ...words], { cwd })

function assertNoStack({ stderr }: CliResult): void {
  assert.not.match(stderr, /^\s+at .*:\d+:\d+/m)
  assert.not.match(stderr, 'node:')
}

for (const { what, to, code, stderr, stdout } of cases)
  test(`${what}: everything is published all the same`, async () => {
    const registries = [await opened(startRegistry()), await opened(startRegistry())]
    const places = registries.map(({ address }) => `${address}/acme/app`)
    const done = await shell(publishWords(image, '1.0.0', places), to, temporaryFolder())
    assertNoStack(done)
    assert.is(done.code, code, done.stderr + done.stdout)
    if (stderr !== undefined) assert.match(done.stderr, stderr)
    if (stdout !== undefined) assert.match(done.stdout, stdout)
    for (const { address } of registries)
      assert.equal((await tagsOf(address, 'acme/app')).toSorted(), NAMES)
  })

const refused: readonly { readonly words: readonly string[]; readonly code: number }[] = [
  { words: ['image', '--nonsense', '--json'], code: 2 },
  { words: ['gate', '--cwd', '/nowhere', '--json'], code: 2 },
]

for (const { words, code } of refused)
  test(`waybill ${words.join(' ')} >/dev/full tells the error on stderr and keeps its exit code`, async () => {
    const done = await shell(words, '>/dev/full', temporaryFolder())
    assertNoStack(done)
    assert.is(done.code, code)
    assert.match(done.stderr, '[ERR_USAGE]')
  })

for (const words of [['--help'], ['image', '--help'], ['--version']]) {
  test(`waybill ${words.join(' ')} where nobody reads it ends in peace`, async () => {
    const done = await shell(words, '>&7', temporaryFolder())
    assertNoStack(done)
    assert.is(done.code, 0)
  })

  test(`waybill ${words.join(' ')} onto a full disk says so`, async () => {
    const done = await shell(words, '>/dev/full', temporaryFolder())
    assertNoStack(done)
    assert.is(done.code, 1)
    assert.match(done.stderr, /stdout/)
  })
}

test('a registry whose address nobody can read ends', async () => {
  const done = await shell(['registry'], '>/dev/full', temporaryFolder())
  assertNoStack(done)
  assert.is(done.code, 1)
  assert.match(done.stderr, 'ERR_DISK_FULL')
})

test('an image onto a full standard output is an error', async () => {
  const words = ['image', '--base', 'scratch', '--path', '/app', '--out', '-']
  const binary = ['--binary', `linux/amd64=${image.artifacts}/app-amd64`]
  const done = await shell([...words, ...binary], '>/dev/full', temporaryFolder())
  assertNoStack(done)
  assert.is(done.code, 1)
  assert.match(done.stderr, 'ERR_DISK_FULL')
})

test('a release script of `run` goes on where nobody reads its progress', async () => {
  const script = `
    import { run } from 'waybill'
    process.exitCode = await run({ json: true }, async () => {
      for (const _ of Array(20)) {
        process.emitWarning('x')
        await new Promise((done) => setTimeout(done, 5))
      }
      return { done: true }
    })`
  const words = ['-c', `${GONE} "$@" 2>&7`, 'bash', process.execPath, '--input-type=module', '-e']
  const done = await run('bash', [...words, script], { cwd: ROOT })
  assert.is(done.code, 0)
  assert.equal(done.json(), { done: true })
})

test.run()
