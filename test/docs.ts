// The documentation holds together: links lead somewhere, every error code is explained, and every shown command exists.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WaybillError } from '@waybill/core'

const root = resolve(import.meta.dirname, '../..')
const test = suite('documentation')

const below = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending) && !/(^|\/)(node_modules|dist)\//.test(file))
    .map((file) => join(folder, file))

const pages = [
  'README.md',
  '.github/CONTRIBUTING.md',
  ...below('docs', '.md'),
  ...below('tools', 'README.md'),
]
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

test('every relative link leads to a file', () => {
  for (const page of pages) {
    for (const [, target = ''] of read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      assert.ok(existsSync(resolve(root, dirname(page), target)), `${page}: ${target}`)
    }
  }
})

test('every error code is explained, and no other', () => {
  const sources = below('tools', '.ts').filter((file) => file.includes('/src/'))
  const thrown = new Set(
    sources.flatMap((file) =>
      [...read(file).matchAll(/'(ERR_[A-Z0-9_]+)'/g)].map(([, code]) => code!),
    ),
  )
  const explained = new Set(
    [...read('docs/errors.md').matchAll(/^\| `(ERR_[A-Z0-9_]+)`/gm)].map(([, code]) => code!),
  )
  assert.equal(
    [...thrown].filter((code) => !explained.has(code)).toSorted(),
    [],
    'not in docs/errors.md',
  )
  assert.equal(
    [...explained].filter((code) => !thrown.has(code)).toSorted(),
    [],
    'in docs/errors.md, but never thrown',
  )
})

test('every error says what to do, by itself or by its code; no hint of a code is left over', () => {
  const codes = new Set<string>()
  for (const file of below('tools', '.ts').filter((name) => name.includes('/src/')))
    for (const words of errorsIn(read(file)))
      if (!words.includes('hint')) codes.add(/'(ERR_[A-Z0-9_]+)'/.exec(words)?.[1] ?? '')
  codes.delete('')
  assert.ok(codes.size > 20)
  const known = [...read('tools/core/src/values/hints.ts').matchAll(/^ {2}(ERR_[A-Z0-9_]+):/gm)]
  assert.equal(known.map(([, code]) => code).toSorted(), [...codes].toSorted())
  for (const code of codes)
    assert.type(new WaybillError(code as `ERR_${string}`, 'x').hint, 'string', code)
})

// The arguments of each error that is made, up to the parenthesis that ends them.
function errorsIn(source: string): string[] {
  return source
    .split('new WaybillError(')
    .slice(1)
    .map((rest) => {
      let open = 1
      const end = [...rest].findIndex((letter) => {
        open += letter === '(' ? 1 : letter === ')' ? -1 : 0
        return open === 0
      })
      return [...rest].slice(0, end).join('')
    })
}

test('every command that a page shows exists', () => {
  const commands = new Set(
    [...read('tools/waybill/src/cli/commands.ts').matchAll(/^ {2}'?([a-z-]+)'?: \{/gm)].map(
      ([, name]) => name!,
    ),
  )
  for (const page of pages.filter((name) => !name.includes('/api.'))) {
    for (const [, name = ''] of read(page).matchAll(/`(?:npx )?waybill ([a-z][a-z-]*)/g))
      assert.ok(commands.has(name), `${page}: waybill ${name}`)
  }
})

test('every test that the threat model names exists', () => {
  const rows = read('docs/threat-model.md').match(/^\| .*\|$/gm) ?? []
  const named = rows.flatMap(
    (row) =>
      row
        .split('|')
        .at(-2)!
        .match(/`[^`]+`/g) ?? [],
  )
  assert.ok(named.length > 20)
  for (const name of named.map((word) => word.slice(1, -1))) {
    const found = existsSync(join(root, 'test', `${name}.ts`))
    assert.ok(found, `test/${name}`)
  }
})

test('every package has a page of its interface and a README', () => {
  for (const name of readdirSync(join(root, 'tools'))) {
    assert.ok(existsSync(join(root, 'tools', name, 'README.md')), `tools/${name}/README.md`)
    if (name !== 'waybill')
      assert.ok(existsSync(join(root, `docs/api.${name}.md`)), `docs/api.${name}.md`)
  }
})

test.run()
