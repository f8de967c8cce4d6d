// The import table of the packages: who may import whom, in code and in package.json.
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { folderOf, imports, tools } from './helpers/imports.ts'

const table: Readonly<Record<string, readonly string[]>> = {
  core: [],
  gate: ['core'],
  version: ['core', 'gate'],
  binary: ['core'],
  compile: ['core', 'binary'],
  archive: ['core'],
  oci: ['core', 'archive'],
  image: ['core', 'archive', 'binary', 'oci'],
  registry: ['core', 'oci'],
  debian: ['core', 'archive', 'oci'],
  publish: ['core'],
  forge: ['core'],
  testkit: ['core'],
  release: [
    'core',
    'gate',
    'version',
    'compile',
    'archive',
    'oci',
    'image',
    'registry',
    'debian',
    'publish',
    'forge',
    'testkit',
  ],
  waybill: [
    'core',
    'gate',
    'version',
    'binary',
    'compile',
    'archive',
    'oci',
    'image',
    'registry',
    'debian',
    'publish',
    'forge',
    'testkit',
    'release',
  ],
  actions: ['core', 'waybill'],
}

// The given packages have their homes.
const homes: Readonly<Record<string, readonly string[]>> = {
  semver: ['gate', 'version', 'publish'],
  zx: [],
  uvu: [],
  '@actions/core': ['actions'],
  '@actions/exec': ['actions'],
  '@changesets/cli': [],
}

// Entries of a package that are for those who are named, and for nobody else.
const internal: Readonly<Record<string, readonly string[]>> = {
  '@waybill/core/internal': ['image', 'publish'],
  // How trees and layers are read, for the package that looks into images.
  '@waybill/oci/internal': ['image'],
}

// A call whose first argument is git, by name or by path: exec('git', …), spawn(`git`), x("/usr/bin/git").
const RUNS_GIT =
  /\b(?:exec|spawn|spawnExec|execFile|execFileSync|spawnSync|fork|x|run|runTool)\(\s*['"`](?:[^'"`]*\/)?git(?:\.exe)?['"`]/

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
}

function manifest(name: string): Manifest {
  return JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8')) as Manifest
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

const own = (name: string): string => (name === 'waybill' ? name : `@waybill/${name}`)
const isForeign = (specifier: string): boolean =>
  !specifier.startsWith('.') && !specifier.startsWith('node:')

const test = suite('architecture')

test('the table names every package, and only these', () => {
  assert.equal([...readdirSync(tools), 'actions'].toSorted(), Object.keys(table).toSorted())
})

for (const [name, allowed] of Object.entries(table)) {
  test(`${name} imports only what the table allows, and declares it`, () => {
    const declared = Object.keys(manifest(name).dependencies ?? {})
    for (const { file, specifier } of imports(name).filter((found) => isForeign(found.specifier))) {
      const wanted = packageOf(specifier)
      assert.not.ok(builtinModules.includes(wanted), `${file}: write node:${wanted}`)
      assert.ok(
        declared.includes(wanted),
        `${file} imports ${wanted}, which its package.json does not declare`,
      )
    }
    const siblings = declared.filter((dependency) =>
      Object.keys(table).some((other) => own(other) === dependency),
    )
    assert.equal(siblings.toSorted(), allowed.map(own).toSorted())
  })

  test(`${name} uses every package that it declares`, () => {
    const used = new Set(imports(name).map(({ specifier }) => packageOf(specifier)))
    const unused = Object.keys(manifest(name).dependencies ?? {}).filter((one) => !used.has(one))
    assert.equal(unused, [])
  })

  test(`${name} imports the main entry of a package, unless another is for it`, () => {
    for (const { file, specifier } of imports(name).filter(({ specifier }) =>
      /^@waybill\/[^/]+\//.test(specifier),
    ))
      assert.ok(internal[specifier]?.includes(name), `${file} imports ${specifier}`)
  })

  test(`${name} leaves the given packages in their homes`, () => {
    for (const dependency of Object.keys(manifest(name).dependencies ?? {})) {
      assert.ok(
        homes[dependency]?.includes(name) ?? true,
        `${dependency} does not belong in ${name}`,
      )
    }
  })

  test(`${name} imports files of its own, never its own index`, () => {
    for (const { file, specifier } of imports(name)) {
      assert.not.match(specifier, /^\.\.?\/(.*\/)?index\.ts$/, file)
      if (specifier.startsWith('.')) assert.match(specifier, /\.ts$/, `${file}: ${specifier}`)
    }
  })
}

// Both in one literal, with anything but another literal between them, in this order.
const GIVEN_OVER_CONTEXT =
  /\.\.\.(?:\w+\.)*(?:context|ctx|access)\b,(?:[^{}]|\{[^{}]*\})*?\.\.\.(?:\w+\.)*(?:options|values|call|inputs|given)\b[^(]/

test('a spread of what was given over a context is seen, whatever stands between', () => {
  for (const text of [
    'x({ ...context, ...options })',
    'x({ ...context, to, ...options })',
    'x({ ...context, ...{ to }, ...call.options })',
    'x({\n  ...call.context,\n  to: { a },\n  ...values,\n})',
    'x({ ...access, ...inputs })',
  ])
    assert.match(text, GIVEN_OVER_CONTEXT)
  for (const text of [
    'x({ ...options, ...context })',
    'x({ ...context, ...options(definition) })',
    'x({ ...context }); y({ ...options })',
  ])
    assert.not.match(text, GIVEN_OVER_CONTEXT)
})

// What a person gave has names of its own (`env`, `out`, `jobs`); the context wins, wherever both come together.
test('nothing that a person gave is spread over a context', () => {
  for (const name of ['waybill', 'actions']) {
    const source = join(folderOf(name), 'src')
    for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue
      const text = readFileSync(join(source, file), 'utf8')
      assert.not.match(text, GIVEN_OVER_CONTEXT, file)
    }
  }
})

test('nobody but the makers of proofs gets hold of what seals one', async () => {
  const main = Object.keys(await import('@waybill/core'))
  for (const name of Object.keys(await import('@waybill/core/internal')))
    assert.not.ok(main.includes(name), name)
  for (const name of ['oci', 'image', 'publish', 'registry', 'forge'])
    assert.not.ok(
      Object.keys(await import(own(name))).some((one) => one.startsWith('seal')),
      name,
    )
})

test('git is run by its one adapter, and nothing else names a program of that name', () => {
  const places = Object.keys(table).flatMap((name) => {
    const source = join(folderOf(name), 'src')
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    return files
      .filter((file) => file.endsWith('.ts') && !(name === 'core' && file.startsWith('io/git/')))
      .filter((file) => RUNS_GIT.test(readFileSync(join(source, file), 'utf8')))
      .map((file) => `${name}/src/${file}`)
  })
  assert.equal(places, [])
})

test('an exported type has one name, and the name one type, over all packages', () => {
  const places = new Map<string, string[]>()
  for (const name of readdirSync(tools)) {
    const source = join(folderOf(name), 'src')
    for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue
      const text = readFileSync(join(source, file), 'utf8')
      for (const [, type] of text.matchAll(/^export (?:interface|type|class) (\w+)/gm))
        places.set(type!, [...(places.get(type!) ?? []), `${name}/src/${file}`])
    }
  }
  assert.ok(places.size > 500)
  assert.equal(
    [...places].filter(([, files]) => files.length > 1),
    [],
  )
})

// parseJson of core refuses what programs read differently. Who reads JSON without it says why that cannot matter.
const JSON_PARSE: Readonly<Record<string, string>> = {
  'core/src/json/parse-json.ts': 'is that reader',
  'core/src/json/json-clash.ts': 'one string, of a text that was read already',
  'core/src/io/cache/cache-record.ts': 'a record that carries a MAC by a key of this user',
  'core/src/values/copies.ts': 'the version of its own package',
  'core/src/values/plain-copy.ts': 'what JSON.stringify wrote a moment ago',
  'core/src/text/mask-secrets.ts': 'whatever can be read is looked through for secrets to hide',
  'binary/src/embedded/go-build-info.ts': 'one quoted string',
  'compile/src/zig.ts': 'one quoted string',
  'gate/src/changesets/read-changeset.ts':
    'a changeset of the first version, which JavaScript wrote and read: the last of two keys counts',
  'gate/src/release-please/read-workflow.ts':
    'a setting of a program written in JavaScript, read as that program reads it',
  'gate/src/simulate/read-text.ts':
    'settings of programs written in JavaScript, read as those read them',
  'registry/src/auth/edit-auth-file.ts': 'one string, of a text that was read already',
  'testkit/src/auth.ts': 'a token that the test registry itself signed',
  'testkit/src/forge/visit.ts': 'a request to the fake forge',
  'testkit/src/quirks/lists.ts': 'a list that the test registry itself answered',
  'testkit/src/quirks/quirk.ts': 'an error that the test registry itself answered',
  'testkit/src/routes/manifest.ts':
    'a manifest that the test registry took: put-manifest.ts refuses ambiguous ones, unless it is to take them as most registries do',
  'waybill/src/cli/commands/login.ts': 'a password, as text',
  'release/src/lock/lock.ts': 'what it wrote itself a moment ago',
}

test('JSON of others is read by parseJson alone', () => {
  const found = Object.keys(table).flatMap((name) => {
    const source = join(folderOf(name), 'src')
    return readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .filter((file) =>
        /\bJSON\s*\.\s*parse\b|\.json\(\)|stream\/consumers/.test(codeOf(join(source, file))),
      )
      .map((file) => `${name}/src/${file}`)
  })
  assert.ok(found.length > 10)
  assert.equal(
    found.filter((file) => !Object.hasOwn(JSON_PARSE, file)),
    [],
    'use parseJson of @waybill/core, or say here why it need not be',
  )
})

const codeOf = (file: string): string => readFileSync(file, 'utf8').replaceAll(/^\s*\/\/.*$/gm, '')

test.run()
