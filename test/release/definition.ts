import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { defineRelease, definitionSchema, parseDefinition, readDefinition } from '@waybill/release'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('definition')
const root = resolve(import.meta.dirname, '../../..')

const minimal = `schemaVersion: 1
registries: { ghcr: ghcr.io/acme }
components:
  scim:
    path: services/scim
    tag: "scim-v{version}"
    builds:
      - { toolchain: zig, binary: scim, platforms: [linux/amd64] }
    images:
      - repository: scim
        base: scratch
        path: /usr/bin/scim
`

const withPolicy = (policy: string): string => `${minimal}policy: ${policy}\n`

async function messageFor(text: string): Promise<string> {
  const error = await rejects(parseDefinition(text, 'waybill.yaml'), 'ERR_INVALID_DEFINITION')
  assert.is(error.outcome, 'usage')
  return error.message
}

test('reads the example of the documentation and of docs/definition.md', async () => {
  const example = readFileSync(join(root, 'docs/examples/hello/waybill.yaml'), 'utf8')
  assert.equal(Object.keys((await parseDefinition(example, 'waybill.yaml')).components), [
    'hello',
    'client',
  ])
  const page = readFileSync(join(root, 'docs/definition.md'), 'utf8')
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
  assert.is((await parseDefinition(yaml, 'waybill.yaml')).components['scim']?.path, 'services/scim')
})

test('the policy is a preset, or the conventional one with other rules', async () => {
  const { policy } = await parseDefinition(withPolicy('{ types: { docs: patch } }'), 'waybill.yaml')
  assert.equal(policy, { types: { docs: 'patch' } })
  for (const [written, ...expected] of [
    ['conventionl', 'did you mean "conventional"?'],
    ['{ types: { docs: pach } }', '"policy.types.docs" is "pach"', 'did you mean "patch"?'],
    ['{ typs: { docs: patch } }', 'unknown key "typs" in "policy"', 'did you mean "types"?'],
    ['{ preset: changesets }', '"policy.preset"', 'conventional'],
    ['{ initialVersion: "1.0" }', '"policy.initialVersion"'],
    ['[conventional]', '"policy"'],
  ]) {
    const message = await messageFor(withPolicy(written!))
    for (const part of expected) assert.match(message, part)
    assert.is(
      message.split('\n').filter((line) => line.includes('waybill.yaml:')).length,
      1,
      message,
    )
  }
})

test('an unknown key is named with its line and the nearest valid one', async () => {
  const message = await messageFor(
    minimal.replace('        base: scratch', '        bass: scratch'),
  )
  assert.match(message, 'waybill.yaml:11: unknown key "bass"')
  assert.match(message, 'did you mean "base"?')
})

test('every kind of mistake has its line, what was expected and what was found', async () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['schemaVersion: 1', 'schemaVersion: 2', ['waybill.yaml:1:', 'expected 1, found 2']],
    ['toolchain: zig', 'toolchain: zigg', ['waybill.yaml:8:', 'did you mean "zig"?']],
    ['linux/amd64', 'amd64', ['waybill.yaml:8:', 'os/architecture']],
    ['"scim-v{version}"', '"scim-v1"', ['waybill.yaml:6:', '{version}']],
    [
      '"scim-v{version}"',
      '"scim-v{version}{nme}"',
      ['waybill.yaml:6:', 'unknown variable {nme}', 'did you mean "name"?'],
    ],
    ['ghcr: ghcr.io/acme', 'ghcr: "ghcr.io/acme:1.0"', ['waybill.yaml:2:', 'without a tag']],
    ['    path: services/scim\n', '', ['waybill.yaml:4:', 'lacks the key "path"']],
    ['binary: scim,', 'binary: other,', []],
    ['path: services/scim', 'path: ../scim', ['waybill.yaml:5:', 'a folder of the repository']],
    ['{ ghcr: ghcr.io/acme }', '{}', ['waybill.yaml:2:', '"registries" is empty']],
    ['{ ghcr: ghcr.io/acme }', '[a]', ['expected a mapping of keys, found ["a"]']],
    ['ghcr: ghcr.io/acme', 'ghcr: 7', ['expected a text or a mapping of keys, found 7']],
    [
      'ghcr.io/acme',
      '{ at: "x y" }',
      ['waybill.yaml:2: "registries.ghcr.at": expected a registry'],
    ],
    ['  scim:', '  "sc im":', ['waybill.yaml:3:', 'expected a name of letters, digits']],
    ['services/scim', '""', ['waybill.yaml:5:', 'is empty; expected a text']],
    ['binary: scim', 'binary: a/b', ['waybill.yaml:8:', "expected a file's name of letters"]],
    ['[linux/amd64]', '[]', ['is empty; expected a list of at least one entry']],
    ['[linux/amd64]', 'linux/amd64', ['expected a list, found "linux/amd64"']],
    ['[linux/amd64]', '[linux/amd64, linux/amd64]', ['the same entry twice']],
    ['linux/amd64', 'linux/amd63', ['waybill.yaml:8:', 'Did you mean linux/amd64?']],
    ['[linux/amd64]', '[linux/amd64], glibc: 2.28', ['found 2.28 (quotes make it a text)']],
    ['base: scratch', 'base: scratch\n        identity: no', ['"required" or a mapping of keys']],
    ['base: scratch', 'base: scratch\n        beforeRolling: [[]]', ['beforeRolling.0" is empty']],
    [
      '    images:',
      '      - { toolchain: go, binary: scim, platforms: [linux/amd64] }\n    images:',
      ['waybill.yaml:9:', 'builds scim for linux/amd64 twice'],
    ],
    ['/usr/bin/scim', 'usr/bin/scim', ['waybill.yaml:12:', 'an absolute path']],
  ]
  for (const [from, to, expected] of cases) {
    const text = minimal.replace(from, to)
    assert.not.equal(text, minimal)
    if (expected.length === 0) await parseDefinition(text, 'waybill.yaml')
    else {
      const message = await messageFor(text)
      for (const part of expected) assert.match(message, part)
    }
  }
})

test('a tag format that git does not take is told with its line', async () => {
  for (const tag of [
    'v {version}',
    '{name}..{version}',
    '-{version}',
    '{version}.lock',
    '{version}\\n',
    'v@{{version}',
    '{path}/.{version}',
    '{version}:1',
    '\\e{version}',
  ])
    assert.match(
      await messageFor(minimal.replace('"scim-v{version}"', `"${tag}"`)),
      /^waybill\.yaml:6: .*makes no tag that git takes/,
      tag,
    )
})

test('several mistakes are told at once', async () => {
  const message = await messageFor(minimal.replace('base:', 'bass:').replace('zig', 'zog'))
  assert.is(message.split('\n').length, 3) // the unknown key, the missing one, the toolchain
})

test('broken YAML is told with its line', async () => {
  assert.match(await messageFor('schemaVersion: 1\ncomponents: [\n'), /^waybill\.yaml:[23]: /)
})

test('an image without registries, two components with one tag, a binary nobody builds', async () => {
  assert.match(
    await messageFor(minimal.replace('registries: { ghcr: ghcr.io/acme }\n', '')),
    'needs "registries"',
  )
  assert.match(
    await messageFor(`${minimal}  other: { path: o, tag: "scim-v{version}" }\n`),
    'the same tag',
  )
  const two = minimal
    .replace(
      '      - { toolchain',
      '      - { toolchain: zig, binary: one, platforms: [linux/amd64] }\n      - { toolchain',
    )
    .replace('binary: scim,', 'binary: two,')
  assert.match(await messageFor(two), 'expected one of "one", "two"')
})

test('reads .json and .mjs as well, and says where it looked when there is none', async () => {
  const definition = defineRelease({
    schemaVersion: 1,
    components: { a: { path: '.', tag: 'v{version}' } },
  })
  const json = temporaryFolder()
  writeFileSync(join(json, 'waybill.json'), JSON.stringify(definition))
  assert.equal((await readDefinition({ cwd: json })).definition, definition)
  const module = temporaryFolder()
  writeFileSync(join(module, 'waybill.mjs'), `export default ${JSON.stringify(definition)}`)
  assert.equal((await readDefinition({ cwd: module, allowCode: true })).definition, definition)
  const error = await rejects(readDefinition({ cwd: temporaryFolder() }), 'ERR_NO_DEFINITION')
  assert.match(error.message, 'waybill.yaml')
})

test('the schema for editors is the one that definitions are checked against', () => {
  const file = join(root, 'tools/waybill/schema/waybill.schema.json')
  assert.equal(JSON.parse(readFileSync(file, 'utf8')), definitionSchema)
})

test.run()
