import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findComponents } from '@waybill/version'
import { createRepository } from '../helpers/repository.ts'

const test = suite('findComponents')

type Files = Readonly<Record<string, string>>

async function found(files: Files, tags: readonly string[] = []): Promise<string[]> {
  const repository = createRepository()
  repository.commit({ message: 'feat: start', files: { readme: '', ...files } })
  for (const tag of tags) repository.git('tag', tag)
  const components = await findComponents({ cwd: repository.path })
  return components.map(({ name, path, tag }) => `${name} ${path} ${tag}`)
}

const npm = (name: string, more: object = {}): string =>
  JSON.stringify({ name, version: '1.0.0', ...more })
const crate = (name: string): string => `[package]\nname = "${name}"\nversion = "0.1.0"\n`

const NPM: Files = {
  'package.json': npm('root', { private: true, workspaces: ['packages/*'] }),
  'packages/a/package.json': npm('@acme/a'),
  'packages/b/package.json': npm('@acme/b'),
  'packages/site/package.json': npm('site', { private: true }),
}

test('a plain repository is one component, tagged as its tags are', async () => {
  assert.equal(await found({}), ['. . v{version}'])
  assert.equal(await found({}, ['v1.0.0', 'v1.1.0-rc.1', 'nightly']), ['. . v{version}'])
  assert.equal(await found({}, ['1.0.0']), ['. . {version}'])
  assert.equal(await found({}, ['0.9.0', 'v1.0.0']), ['. . v{version}'])
  assert.equal(await found({ 'package.json': npm('tool') }), ['. . v{version}'])
})

test('how a person has git print tags changes nothing', async () => {
  const { commit, git, path: cwd } = createRepository()
  commit({ message: 'feat: start', files: { ...NPM } })
  for (const tag of ['@acme/a@1.0.0', '@acme/b@1.0.0', 'site@1.0.0']) git('tag', tag)
  const plain = await findComponents({ cwd })
  git('config', 'column.ui', 'always')
  assert.equal(await findComponents({ cwd }), plain)
})

test('a package at the root may be tagged by its name', async () => {
  assert.equal(await found({ 'package.json': npm('tool') }, ['tool-v1.0.0']), [
    'tool . tool-v{version}',
  ])
})

test('npm workspaces: tags by full name, by bare name, by folder; what was never released goes by its siblings', async () => {
  assert.equal(await found(NPM, ['@acme/a@1.0.0']), [
    '@acme/a packages/a @acme/a@{version}',
    '@acme/b packages/b {name}@{version}',
  ])
  assert.equal(await found(NPM, ['a-v1.0.0', 'b-v1.0.0']), [
    'a packages/a a-v{version}',
    'b packages/b b-v{version}',
  ])
  assert.equal(await found(NPM, ['packages/a/v1.0.0', 'b/v2.0.0']), [
    'packages/a packages/a packages/a/v{version}',
    'b packages/b b/v{version}',
  ])
})

test('a workspace that was never tagged goes by the habit of its kind; one version for all stays one', async () => {
  assert.equal(await found(NPM), [
    '@acme/a packages/a {name}@{version}',
    '@acme/b packages/b {name}@{version}',
  ])
  assert.equal(await found(NPM, ['v1.0.0']), ['. . v{version}'])
})

test('Cargo and Go workspaces', async () => {
  const cargo = {
    'Cargo.toml': '[workspace]\nmembers = ["crates/*"]\n',
    'crates/one/Cargo.toml': crate('one'),
    'crates/two/Cargo.toml': crate('two'),
  }
  assert.equal(await found(cargo, ['one-v0.1.0', 'two-v0.1.0']), [
    'one crates/one one-v{version}',
    'two crates/two two-v{version}',
  ])
  const go = {
    'go.work': 'go 1.22\nuse (\n  ./x\n  ./y\n)\n',
    'x/go.mod': 'module example.org/m/x\n',
    'y/go.mod': 'module example.org/m/y\n',
  }
  assert.equal(await found(go, ['x/v1.0.0', 'y/v0.1.0']), ['x x x/v{version}', 'y y y/v{version}'])
})

test('folders without a manifest are found by their name, the nearest to the root first; what is gone is no component', async () => {
  const files = { 'docs/server/x': '', 'server/x': '', 'node_modules/gone/x': '' }
  assert.equal(await found(files, ['server-v1.0.0', 'gone-v1.0.0', 'v2.0.0']), [
    '. . v{version}',
    'server server server-v{version}',
  ])
})

test('a form that was given up yields to the one with the highest version; only what HEAD reaches counts', async () => {
  assert.equal(await found(NPM, ['a-v0.9.0', 'a@1.2.0', 'b@1.0.0']), [
    'a packages/a a@{version}',
    'b packages/b b@{version}',
  ])
  const repository = createRepository()
  const base = repository.commit({ message: 'feat: start', files: { a: '' } })
  repository.git('tag', '1.0.0')
  repository.commit({ message: 'feat: later', files: { a: '2' } })
  repository.git('tag', 'v2.0.0')
  repository.git('checkout', '--quiet', base)
  const [component] = await findComponents({ cwd: repository.path })
  assert.is(component!.tag, '{version}')
})

test('a manifest that cannot be read names nothing; an empty repository is one component', async () => {
  assert.equal(await found({ 'package.json': '{' }, ['v1.0.0']), ['. . v{version}'])
  assert.equal(await findComponents({ cwd: createRepository().path }), [
    { name: '.', path: '.', tag: 'v{version}' },
  ])
})

test.run()
