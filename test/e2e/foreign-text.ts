// Every control character of text from elsewhere, on every output of the command line: shown, not obeyed; exact in JSON.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry } from '@waybill/testkit'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { HOSTILE, OBEYED } from '../helpers/hostile-text.ts'
import { createReleasedImage } from '../helpers/released-image.ts'
import { createRepository, type TestRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite<{ repository: TestRepository }>('text from elsewhere')

// A registry that fails would be waited for.
const NO_PATIENCE = ['--patience', '0']

// What git and arguments can hold.
const CHARACTERS = HOSTILE.filter((one) => one !== '\0' && !/\p{Surrogate}/u.test(one))
const EVIL = `\u001B[31m\u001B]0;title\u0007\r::set-output name=a::b\u0085##[error]x\u202Eevil\u2028::error::x`

function assertShown({ stdout, stderr }: CliResult, what: string): void {
  for (const [name, text] of Object.entries({ stdout, stderr })) {
    const plain = text.replaceAll(/[\n\t]/g, '')
    assert.not.match(plain, OBEYED, `${what}: ${name} ${JSON.stringify(OBEYED.exec(plain)?.[0])}`)
    assert.not.match(text, /^[\s\u0085\uFEFF]*::|##(?:\[|vso\[)/m, `${what}: ${name}`)
  }
}

test.before((given) => {
  const { path, git, commit } = (given.repository = createRepository())
  writeFileSync(join(path, 'package.json'), '{"name":"a","version":"0.1.0"}')
  commit({ message: 'chore: begin' })
  git('tag', 'v0.1.0')
  for (const one of CHARACTERS.filter((character) => character !== '\n'))
    commit({ message: `fix: before${one}after ${EVIL.slice(0, 12)}`, files: { x: one } })
  commit({
    message: `feat: last${EVIL}\n\nbody${EVIL}\n\nBREAKING CHANGE: ${EVIL}\nRelease-As: ${EVIL}x\n`,
  })
  commit({ message: `${EVIL}: not a type`, files: { y: '' } })
  git('-c', `user.name=${EVIL}`, 'tag', '-a', 'v0.0.1', '-m', EVIL, 'HEAD~3')
})

for (const words of [
  ['gate'],
  ['gate', '--verbose'],
  ['version'],
  ['version', '--dry-run', '--apply'],
  ['plan'],
  ['simulate'],
  ['explain', 'HEAD'],
  ['explain', 'HEAD~1'],
  ['explain', EVIL],
  ['gate', '--component', EVIL],
  ['gate', '--since', EVIL],
  ['lint', '--title', `fix: ${EVIL}`],
  ['lint', '--title', EVIL],
  ['status', EVIL],
  ['verify', EVIL, '--artifacts', '.'],
  ['publish', EVIL, '--to', EVIL, '--version', '1.0.0', '--waive-identity', 'x'],
  ['inspect', EVIL],
  [EVIL],
  ['gate', `--${EVIL}`],
]) {
  test(`${words.join(' ').replaceAll(EVIL, 'EVIL')} shows it`, async ({ repository: { path } }) => {
    const result = await waybill(words, { cwd: path, env: { GITHUB_ACTIONS: 'true' } })
    assertShown(result, words[0]!)
    const json = await waybill([...words, '--json'], { cwd: path })
    if (json.stdout !== '') json.json()
    assertShown(json, `${words[0]} --json`)
  })
}

test('JSON holds a subject exactly', async ({ repository: { path } }) => {
  const result = (await waybill(['gate', '--json'], { cwd: path })).json()
  const [component] = result['components'] as [{ commits: { subject: string }[] }]
  const subjects = component.commits.map(({ subject }) => subject)
  for (const one of CHARACTERS.filter((character) => !/\s/.test(character) && character > '\u001F'))
    assert.ok(
      subjects.some((subject) => subject.includes(`before${one}after`)),
      JSON.stringify(one),
    )
})

test('a definition, its names and its patterns are shown', async ({ repository: { path } }) => {
  const file = join(temporaryFolder('definition'), 'waybill.yaml')
  for (const text of [
    `schemaVersion: 1\ncomponents:\n  ${JSON.stringify(`a${EVIL}`)}: { path: ., tag: "v{version}" }\n`,
    `schemaVersion: 1\n${JSON.stringify(EVIL)}: 1\ncomponents: {}\n`,
    `schemaVersion: 1\ncomponents:\n  a: { path: ${JSON.stringify(EVIL)}, tag: ${JSON.stringify(`v${EVIL}{version}`)} }\n`,
    `${EVIL}: [`,
  ]) {
    writeFileSync(file, text)
    for (const command of ['gate', 'check', 'plan'])
      assertShown(await waybill([command, '--config', file], { cwd: path }), command)
  }
})

test('labels, annotations and errors of registries are shown, and what hooks say', async () => {
  const image = await createReleasedImage()
  const other = join(image.folder, 'other')
  const words = [
    'image',
    '--binary',
    `linux/amd64=${join(image.artifacts, 'app-amd64')}`,
    '--base',
    'scratch',
    '--path',
    '/app',
  ]
  const labels = [
    '--label',
    `a=${EVIL}`,
    '--annotation',
    `b=${EVIL}`,
    '--env',
    `C=${EVIL}`,
    '--user',
    EVIL,
  ]
  assertShown(await waybill([...words, ...labels, '--out', other]), 'image')
  assertShown(await waybill(['drift', image.layout, other]), 'drift')
  const body = Buffer.from(
    JSON.stringify({ errors: [{ code: EVIL, message: EVIL, detail: EVIL }] }),
  )
  for (const status of [400, 401, 403, 404, 500]) {
    const registry = await startRegistry({
      wrap: () => () =>
        Promise.resolve({ status, headers: { 'content-type': 'application/json' }, body }),
    })
    try {
      const reference = `${registry.address}/a/b`
      assertShown(await waybill(['doctor', reference, ...NO_PATIENCE]), 'doctor')
      assertShown(
        await waybill(['verify', `${reference}:1`, '--artifacts', image.artifacts, ...NO_PATIENCE]),
        'verify',
      )
      assertShown(await waybill(['heal', reference, ...NO_PATIENCE]), 'heal')
    } finally {
      await registry.close()
    }
  }
  const registry = await startRegistry()
  const hook = join(image.folder, 'hook.sh')
  writeFileSync(join(image.folder, 'said'), `${EVIL}\n${CHARACTERS.join('x')}\n`)
  writeFileSync(hook, `#!/bin/sh\ncat ${image.folder}/said\ncat ${image.folder}/said >&2\nexit 3\n`)
  chmodSync(hook, 0o755)
  try {
    const to = [
      '--to',
      `${registry.address}/a/b`,
      '--version',
      '1.0.0',
      '--waive-identity',
      EVIL,
      '--yes',
    ]
    const published = await waybill([
      'publish',
      image.layout,
      ...to,
      '--before-rolling',
      hook,
      '--journal',
      join(image.folder, 'j'),
    ])
    assert.is(published.code, 5)
    assert.match(published.stderr, /evil/)
    assertShown(published, 'publish')
  } finally {
    await registry.close()
  }
  assert.match(readFileSync(join(image.folder, 'said'), 'utf8'), /evil/)
})

for (const [where, words] of Object.entries({
  '--to': (address: string) => [
    'publish',
    'x',
    '--to',
    address,
    '--version',
    '1.0.0',
    '--waive-identity',
    'x',
  ],
  '--base': (address: string) => [
    'image',
    '--binary',
    'linux/amd64=x',
    '--base',
    address,
    '--path',
    '/x',
  ],
  verify: (address: string) => ['verify', address, '--artifacts', '.'],
  doctor: (address: string) => ['doctor', address],
  '--git': (address: string) => [
    'publish',
    'x',
    '--to',
    'ghcr.io/a/b',
    '--git',
    address,
    '--git-tag',
    'v1',
    '--version',
    '1.0.0',
    '--waive-identity',
    'x',
  ],
  login: (address: string) => ['login', address, '--username', 'u', '--password-stdin'],
  '--mirror': (address: string) => ['lock', '--packages', '--mirror', address],
  '--plain-http': (address: string) => ['doctor', '127.0.0.1:9/x', '--plain-http', address],
})) {
  test(`a password in the address of ${where} is never repeated`, async ({
    repository: { path },
  }) => {
    for (const address of [
      'user:s3cret@127.0.0.1:9/x',
      'https://user:s3cret@127.0.0.1:9/x',
      'user:s3@cret@127.0.0.1:9/x',
      'https://s3cret@127.0.0.1:9/x/',
    ])
      for (const more of [['--verbose'], ['--json']]) {
        const { stdout, stderr } = await waybill(
          [...words(address), ...more, ...NO_PATIENCE, '--timeout', '20s'],
          {
            cwd: path,
          },
        )
        assert.not.match(`${stdout}${stderr}`, /s3@?cret/, `${address} ${more.join('')}`)
      }
  })
}

test.run()
