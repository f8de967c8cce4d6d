// What is read and written where nobody thinks of: pipes, links, devices, folders that are none of ours, files that may not be read.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry } from '@waybill/testkit'
import { BIN, run, waybill, type CliResult } from '../helpers/cli.ts'
import { clear } from '../helpers/clear.ts'
import { createRepository } from '../helpers/repository.ts'
import { createReleasedImage, publishWords } from '../helpers/released-image.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('places')
const isRoot = process.getuid?.() === 0

const pipe = (path: string): string => {
  execFileSync('mkfifo', [path])
  return path
}

const released = await createReleasedImage('pipes')

test('a pipe in place of a file is refused at once, wherever it lies', async () => {
  const folder = temporaryFolder('pipes')
  const place = (name: string): string => join(folder, name)
  cpSync(released.layout, place('index'), { recursive: true })
  unlinkSync(place('index/index.json'))
  pipe(place('index/index.json'))
  cpSync(released.layout, place('marker'), { recursive: true })
  unlinkSync(place('marker/oci-layout'))
  pipe(place('marker/oci-layout'))
  mkdirSync(place('released'))
  pipe(place('released/app-amd64'))
  writeFileSync(place('released/SHA256SUMS'), `${'0'.repeat(64)}  app-amd64\n`)
  const cases: readonly (readonly string[])[] = [
    ['verify', place('index'), '--artifacts', released.artifacts],
    ['verify', place('marker'), '--artifacts', released.artifacts],
    ['verify', released.layout, '--artifacts', place('released/SHA256SUMS')],
    ['verify', released.layout, '--artifacts', pipe(place('SHA256SUMS'))],
    ['inspect', place('released/app-amd64')],
    [
      'image',
      '--binary',
      `linux/amd64=${place('released/app-amd64')}`,
      '--base',
      'scratch',
      '--path',
      '/app',
    ],
  ]
  for (const words of cases) {
    const result = await waybill([...words, '--cwd', folder], {
      onStart: (child) => void setTimeout(() => child.kill('SIGKILL'), 20_000).unref(),
    })
    assert.ok(result.code === 1 || result.code === 2, `${words.join(' ')}: ${result.code}`)
    clear(result, result.code, /pipe|no file oci-layout|not a file/)
  }
})

test('an archive out of a pipe that nobody writes to is refused; standard input is waited for no longer than is allowed', async () => {
  const folder = temporaryFolder('waiting')
  const path = pipe(join(folder, 'archive'))
  clear(
    await waybill(['verify', path, '--artifacts', released.artifacts]),
    1,
    /read from standard input/,
  )
  for (const words of [
    ['verify', '-', '--artifacts', released.artifacts],
    [
      'image',
      '--base',
      '-',
      '--binary',
      `linux/amd64=${released.artifacts}/app-amd64`,
      '--path',
      '/a',
    ],
    ['login', '127.0.0.1:1', '--username', 'u', '--password-stdin'],
  ]) {
    const shell = ['-c', 'sleep 60 | "$@" --timeout 1s; exit ${PIPESTATUS[1]}', 'bash']
    const started = performance.now()
    const child = run('bash', [...shell, process.execPath, BIN, ...words], {
      env: { TMPDIR: folder },
      cwd: folder,
      onStart: ({ pid }) =>
        void setTimeout(() => execFileSync('pkill', ['-P', `${pid}`, 'sleep']), 3000),
    })
    clear(await child, 4, /Gave up after 1 s/)
    assert.ok(performance.now() - started < 20_000)
    assert.equal(
      readdirSync(folder).filter((name) => name.startsWith('waybill-')),
      [],
    )
  }
})

test('a folder that is no layout is told so, and no registry is asked for it', async () => {
  const cwd = temporaryFolder('folder')
  mkdirSync(join(cwd, 'art'))
  const words = ['publish', 'art', '--version', '1.0.0', '--to', '127.0.0.1:1/a/b']
  const result = await waybill([...words, '--waive-identity', 'x', '--yes'], { cwd })
  clear(result, 1, /art: expected an OCI image layout/)
  assert.not.match(result.stderr, /docker\.io/)
})

test('a receipt goes where its name leads: through a link, to a device, into a pipe', async () => {
  const registry = await startRegistry()
  const cwd = temporaryFolder('receipt')
  const words = publishWords(released, '1.0.0', [`${registry.address}/acme/app`])
  const publish = (receipt: string): Promise<CliResult> =>
    waybill([...words, '--receipt', receipt], { cwd })
  try {
    mkdirSync(join(cwd, 'real'))
    symlinkSync('real/receipt.json', join(cwd, 'link'))
    writeFileSync(join(cwd, 'real/receipt.json'), 'old')
    assert.is((await publish('link')).code, 0)
    assert.ok(lstatSync(join(cwd, 'link')).isSymbolicLink())
    assert.is(JSON.parse(readFileSync(join(cwd, 'real/receipt.json'), 'utf8')).schemaVersion, 1)
    pipe(join(cwd, 'pipe'))
    const [read, done] = await Promise.all([run('cat', ['pipe'], { cwd }), publish('pipe')])
    assert.is(done.code, 0, done.stderr)
    assert.is((read.json() as { schemaVersion: number }).schemaVersion, 1)
    assert.ok(lstatSync(join(cwd, 'pipe')).isFIFO())
    assert.is((await publish('/dev/null')).code, 0)
    assert.ok(lstatSync('/dev/null').isCharacterDevice())
  } finally {
    await registry.close()
  }
})

test('nothing for --out is a mistake, and --version answers --json with a document', async () => {
  const cwd = temporaryFolder('empty')
  const words = ['image', '--base', 'scratch', '--path', '/a', '--out', '']
  const binary = ['--binary', `linux/amd64=${released.artifacts}/app-amd64`]
  clear(await waybill([...words, ...binary], { cwd }), 2, /--out: expected a folder or file/)
  assert.equal(readdirSync(cwd), [])
  const version = await waybill(['--version', '--json'])
  assert.match(String(version.json()['version']), /^\d+\.\d+\.\d+/)
})

if (isRoot)
  test('what may not be read is told so, not as if it were written', async () => {
    const folder = temporaryFolder('closed')
    chmodSync(folder, 0o755)
    for (const name of ['layout', 'art', 'cut']) mkdirSync(join(folder, name))
    cpSync(released.layout, join(folder, 'layout'), { recursive: true })
    cpSync(released.artifacts, join(folder, 'art'), { recursive: true })
    cpSync(released.artifacts, join(folder, 'cut'), { recursive: true })
    chmodSync(join(folder, 'cut/app-amd64'), 0)
    chmodSync(join(folder, 'layout/index.json'), 0)
    for (const [layout, art] of [
      ['layout', 'art'],
      [released.layout, 'cut'],
    ] as const) {
      const command = [process.execPath, BIN, 'verify', layout, '--artifacts', art].join(' ')
      const result = await run('su', ['nobody', '-s', '/bin/sh', '-c', command], { cwd: folder })
      clear(result, 1, /Not allowed to read .*ERR_NOT_READABLE/)
    }
  })

test('below the folder of the definition it is said that nobody reads it', async () => {
  const { commit, path } = createRepository()
  const files = { 'waybill.yaml': 'schemaVersion: 1\ncomponents: {}\n', 'a/x': '1' }
  commit({ message: 'feat: x', files })
  const below = await waybill(['gate', '--cwd', join(path, 'a')])
  assert.match(below.stderr, `${join(path, 'waybill.yaml')} is not read: run waybill there`)
  rmSync(join(path, 'waybill.yaml'))
  assert.not.match(
    await waybill(['gate', '--cwd', join(path, 'a')]).then(({ stderr }) => stderr),
    'is not read',
  )
})

test('a folder that was removed while one stands in it: one line, exit 2', async () => {
  const cwd = temporaryFolder('gone')
  const script = `mkdir sub && cd sub && rmdir ../sub && exec "$0" "$@"`
  const words = ['-c', script, process.execPath, BIN, 'status', '1.0.0', '--json']
  const { code, stdout } = await run('/bin/sh', words, { cwd })
  assert.is(code, 2)
  assert.is((JSON.parse(stdout) as { error: { code: string } }).error.code, 'ERR_USAGE')
})

test.run()
