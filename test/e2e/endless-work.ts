// Input of a repository that keeps whoever reads it busy for ever: patterns, definitions, documents of a workspace. Each ends with the error of
// its kind, and a signal or a time limit that comes meanwhile is obeyed. The guard only makes a hang a failure.
import { setTimeout as sleep } from 'node:timers/promises'
import { mapLimit } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { createRepository } from '../helpers/repository.ts'

const test = suite('endless work')
const GUARD = 90_000

async function call(
  files: Readonly<Record<string, string>>,
  words: readonly string[],
  signal?: NodeJS.Signals,
): Promise<CliResult> {
  const repository = createRepository()
  repository.commit({ message: 'feat: first', files })
  let guard: NodeJS.Timeout | undefined
  let ended = false
  let killed = false
  const result = await waybill([...words, '--cwd', repository.path, '--json'], {
    onStart: (child) => {
      guard = setTimeout(() => (killed = child.kill('SIGKILL')), GUARD)
      if (signal !== undefined) void sleep(700).then(() => ended || child.kill(signal))
    },
  })
  ended = true
  clearTimeout(guard)
  assert.not.ok(killed, 'it did not end by itself')
  return result
}

const codeOf = (result: CliResult): string =>
  (result.json() as { error?: { code: string } }).error?.code ?? `exit ${result.code}`

const definition = (more: string): string => `schemaVersion: 1
components:
  app:
    path: app
    tag: "app-v{version}"
${more}`

const A = `${'a'.repeat(40)}!`
const patterns: readonly (readonly [string, string])[] = [
  ['(a+)+$ {version}', A],
  ['(a*)*$ {version}', A],
  ['(a|a)*$ {version}', A],
  ['(a|aa)+$ {version}', A],
  ['([a-z]+)*={version}', A],
  ['^(([a-z])+.)+[A-Z]{version}', A],
  ['(.*a){20}{version}', A],
  ['(?=(a+)+$){version}', A],
  ['(?<=^x(a+)+!){version}', A],
  ['(a+)+\\1{version}', A],
  ['(\\w+\\s?)*${version}', `${'abc '.repeat(20)}!`],
  ['.*.*.*.*.*={version}', 'a'.repeat(3000)],
]

test('a pattern that is tried for ever is ERR_INVALID_PATTERN', async () => {
  await mapLimit(patterns, 2, async ([pattern, text]) => {
    const more = `    versionFiles: [{ path: v.txt, pattern: ${JSON.stringify(pattern)} }]\n`
    const files = { 'waybill.yaml': definition(more), 'app/v.txt': `${text}\n` }
    const result = await call(files, ['version'])
    assert.is(codeOf(result), 'ERR_INVALID_PATTERN', `${pattern}: ${result.stdout}`)
    assert.is(result.code, 2, pattern)
  })
})

test('what JavaScript’s patterns can do they still can', async () => {
  for (const pattern of ['(?<=VERSION = "){version}(?=")', '(["\\x27]){version}\\1']) {
    const more = `    versionFiles: [{ path: v.txt, pattern: ${JSON.stringify(pattern)} }]\n`
    const files = { 'waybill.yaml': definition(more), 'app/v.txt': 'VERSION = "0.0.0"\n' }
    const result = await call(files, ['version'])
    assert.is(result.code, 0, `${pattern}: ${result.stdout}`)
  }
})

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} while a pattern is tried: ${code}`, async () => {
    const more = `    versionFiles: [{ path: v.txt, pattern: "(a+)+$ {version}" }]\n`
    const files = { 'waybill.yaml': definition(more), 'app/v.txt': `${A}\n` }
    // Before it listens, a process is ended by the signal itself: null.
    assert.ok([code, 2, null].includes((await call(files, ['version'], signal)).code))
  })
}

test('--timeout while a pattern is tried', async () => {
  const more = `    versionFiles: [{ path: v.txt, pattern: "(a+)+$ {version}" }]\n`
  const files = { 'waybill.yaml': definition(more), 'app/v.txt': `${A}\n` }
  const code = codeOf(await call(files, ['version', '--timeout', '1']))
  assert.ok(['ERR_TIMEOUT', 'ERR_INVALID_PATTERN'].includes(code), code)
})

const bomb = (levels: number): string =>
  ['a: &a [x, x, x, x, x, x, x, x, x, x]']
    .concat(
      Array.from({ length: levels }, (_, n) => {
        const [from, to] = [String.fromCharCode(97 + n), String.fromCharCode(98 + n)]
        return `${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(', ')}]`
      }),
    )
    .join('\n')

const definitions: Readonly<Record<string, string>> = {
  'an alias bomb': `${bomb(9)}\n`,
  'an alias bomb as a value': `schemaVersion: 1\nx: 1\n${bomb(9)}\n`,
  'an alias that holds itself': '&a [*a]\n',
  'an alias that holds itself, in a map': 'schemaVersion: 1\ncomponents: &c { app: *c }\n',
  'an alias of nothing': 'schemaVersion: *nobody\n',
  'lists in lists': `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  'lists in lists that never end': '['.repeat(200_000),
  'maps in maps': `${'{a: '.repeat(20_000)}1${'}'.repeat(20_000)}`,
  'maps in maps, by blanks': Array.from({ length: 1300 }, (_, n) => `${' '.repeat(n)}a:`).join(
    '\n',
  ),
  'a hundred thousand unknown keys': Array.from({ length: 60_000 }, (_, n) => `k${n}: 1`).join(
    '\n',
  ),
  'a hundred thousand components': `schemaVersion: 1\ncomponents:\n${Array.from({ length: 30_000 }, (_, n) => `  k${n}: {}`).join('\n')}`,
  'two megabytes of comments': `# ${'x'.repeat(78)}\n`.repeat(26_000),
  'merge keys': `a: &a {b: 1}\n${'c: {<<: [*a, *a]}\n'}`,
  'tags that nobody knows': 'schemaVersion: !!js/function "x"\n',
  'null bytes': 'a\0b: 1\n',
}

test('a definition that keeps its reader busy is ERR_INVALID_DEFINITION, exit 2', async () => {
  await mapLimit(Object.entries(definitions), 2, async ([name, text]) => {
    const result = await call({ 'waybill.yaml': text }, ['check'])
    assert.is(codeOf(result), 'ERR_INVALID_DEFINITION', `${name}: ${result.stdout.slice(0, 300)}`)
    assert.is(result.code, 2, name)
    assert.ok(result.stdout.length < 200_000, name)
  })
})

const documents: Readonly<Record<string, readonly [string, string]>> = {
  'YAML, an alias bomb': ['v.yaml', `${bomb(9)}\nversion: 0.0.0\n`],
  'YAML, a circle': ['v.yaml', 'a: &a [*a]\nversion: 0.0.0\n'],
  'YAML, lists in lists': [
    'v.yaml',
    `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}\nversion: 0.0.0\n`,
  ],
  'JSON, lists in lists': [
    'v.json',
    `{"version":"0.0.0","a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
  ],
  'JSON, maps in maps': [
    'v.json',
    `{"version":"0.0.0","a":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_001)}`,
  ],
  'TOML, lists in lists': [
    'v.toml',
    `version = "0.0.0"\na = ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`,
  ],
  'TOML, keys below keys': ['v.toml', `version = "0.0.0"\n${'a.'.repeat(20_000)}b = 1\n`],
}

test('a version file that keeps its reader busy is read, or an invalid one', async () => {
  await mapLimit(Object.entries(documents), 2, async ([name, [file, text]]) => {
    const files = {
      'waybill.yaml': definition(`    versionFiles: [${file}]\n`),
      [`app/${file}`]: text,
    }
    const result = await call(files, ['version'])
    const code = codeOf(result)
    assert.match(
      code,
      /^(?:exit 0|ERR_INVALID_(?:YAML|JSON|TOML))$/,
      `${name}: ${result.stdout.slice(0, 300)}`,
    )
  })
})

test('a glob of a workspace that is tried for ever ends', async () => {
  const globs = ['*a*a*a*a*a*a*a*a*a*a*b', '**/*a*a*a*a*a*a*a*a*a*b', '{*a*a*a*a*a*a*a*,x}*a*a*a*b']
  const folder = 'a'.repeat(200)
  await mapLimit(globs, 2, async (glob) => {
    const files = {
      'package.json': JSON.stringify({ name: 'root', version: '0.0.0', workspaces: [glob] }),
      [`${folder}/package.json`]: JSON.stringify({ name: 'app', version: '0.0.0' }),
      'waybill.yaml': definition(''),
    }
    const result = await call(files, ['version'])
    assert.match(
      codeOf(result),
      /^(?:exit [0-3]|ERR_INVALID_PATTERN)$/,
      result.stdout.slice(0, 300),
    )
  })
})

test.run()
