// Names and texts with line ends in them: what comes from elsewhere never begins a line, where it would pass for Waybill's own words.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry } from '@waybill/testkit'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { OBEYED } from '../helpers/hostile-text.ts'
import { createRepository, type TestRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('forged lines')

const LINES = [
  'error: forged',
  'ok',
  '::error::forged',
  '##[error]forged',
  'a: release 9.9.9 is due',
]
const EVIL = ['\n', '\r\n', '\r', '\u0085', '\u2028']
  .flatMap((end) => LINES.map((line) => `${end}${line}`))
  .join('')

const REPORTS = /^ok$/m

function assertNoLine({ stdout, stderr }: CliResult, what: string): void {
  for (const text of [stdout, stderr]) {
    assert.not.match(text.replaceAll(/[\n\t]/g, ''), OBEYED, what)
    for (const line of text.split('\n'))
      assert.not.ok(
        LINES.filter((one) => one !== 'ok').some((forged) => line.startsWith(forged)),
        `${what}: ${JSON.stringify(line)}`,
      )
  }
}

function workspace(): TestRepository {
  const repository = createRepository()
  // Where a name may lie on disk; a slash would end it.
  const folder = `pkgs/x${EVIL.replaceAll('/', '').slice(0, 110)}`
  repository.commit({
    message: 'feat: begin',
    files: {
      'package.json': JSON.stringify({ name: 'root', private: true, workspaces: ['pkgs/*'] }),
      [`${folder}/package.json`]: JSON.stringify({ name: `n${EVIL}`, version: '1.0.0' }),
      [`${folder}/${EVIL.slice(0, 40)}`]: 'a file',
      'pkgs/b/package.json': JSON.stringify({
        name: 'b',
        version: `1.0.0${EVIL}`,
        dependencies: { [`d${EVIL}`]: `^1${EVIL}` },
      }),
    },
  })
  repository.commit({ message: 'feat: more', files: { [`${folder}/y`]: '', 'pkgs/b/y': '' } })
  return repository
}

test('by names of packages, folders and files', async () => {
  const { path } = workspace()
  for (const words of [
    ['gate'],
    ['gate', '--verbose'],
    ['explain', 'HEAD'],
    ['version'],
    ['version', '--apply', '--verbose'],
    ['plan'],
    ['simulate'],
    ['lint', '--title', `fix: a${EVIL}`],
  ]) {
    const result = await waybill(words, { cwd: path })
    assertNoLine(result, words.join(' '))
    if (words[0] === 'gate') assert.not.match(result.stdout, REPORTS)
  }
})

const definition = (build: object, more: object = {}): string =>
  JSON.stringify({
    schemaVersion: 1,
    components: {
      a: {
        path: '.',
        tag: 'v{version}',
        builds: [{ toolchain: 'command', binary: 'a', platforms: ['linux/amd64'], ...build }],
        ...more,
      },
    },
  })

test('by a definition, and by what a compiler says', async () => {
  const said = join(temporaryFolder('said'), 'said')
  writeFileSync(said, EVIL)
  const failing = { command: ['sh', '-c', `cat ${said} >&2; cat ${said}; exit 3`], output: 'a' }
  for (const [what, text] of Object.entries({
    compiler: definition(failing),
    output: definition({ command: ['true'], output: `a${EVIL}` }),
    versionFiles: definition(failing, { versionFiles: [`x${EVIL}`] }),
    'unknown variable': definition({ command: [`{v${EVIL}}`], output: 'a' }),
    platform: definition({ ...failing, platforms: [`linux/${EVIL}`] }),
  })) {
    const { path, commit } = createRepository()
    commit({ message: 'feat: a', files: { 'waybill.json': text } })
    for (const command of ['check', 'build']) {
      const result = await waybill([command, '--verbose'], { cwd: path })
      assertNoLine(result, `${what}: ${command}`)
      if (what === 'compiler' && command === 'build') assert.match(result.stderr, 'forged')
    }
  }
})

test('by tags of a registry, names of files and reasons', async () => {
  const tags = ['1.0.0', 'latest', `1.1.0${EVIL}`, EVIL]
  const body = Buffer.from(JSON.stringify({ name: 'a/b', tags }))
  const headers = { 'content-type': 'application/json' }
  const registry = await startRegistry({
    wrap: (next) => (request) =>
      request.path.endsWith('/tags/list')
        ? Promise.resolve({ status: 200, headers, body })
        : next(request),
  })
  const folder = temporaryFolder('files')
  const name = EVIL.replaceAll('/', '').slice(0, 80)
  mkdirSync(join(folder, name))
  writeFileSync(join(folder, name, 'x'), 'no binary')
  try {
    const reference = `${registry.address}/a/b`
    for (const words of [
      ['heal', reference],
      ['status', '1.0.0', '--to', reference],
      ['doctor', reference],
      ['inspect', join(folder, name, 'x')],
      ['verify', join(folder, name), '--artifacts', join(folder, name)],
    ])
      assertNoLine(await waybill(words), words[0]!)
  } finally {
    await registry.close()
  }
})

test.run()
