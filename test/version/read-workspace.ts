import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readWorkspace, type Workspace } from '@waybill/version'
import { folderWith, type Files } from '../helpers/version.ts'

const test = suite('readWorkspace')

async function read(files: Files, paths: readonly string[] = []): Promise<Workspace> {
  return readWorkspace({ cwd: await folderWith(files), paths })
}

const named = ({ packages }: Workspace): string[] =>
  packages.map(({ kind, path, name, version }) => `${kind} ${path} ${name} ${version}`)

const asked = ({ packages }: Workspace): string[] =>
  packages.flatMap(({ name, dependencies }) =>
    dependencies.map((one) => `${name} ${one.kind} ${one.name} ${one.range} ${one.path}`),
  )

const npm = (name: string, more: object = {}): string =>
  JSON.stringify({ name, version: '1.0.0', ...more }, null, 2)

test('npm workspaces: patterns, nested patterns and what is taken out', async () => {
  const workspace = await read({
    'package.json': npm('root', {
      private: true,
      workspaces: ['packages/*', 'apps/**', '!apps/old', './tools/{x,y}'],
    }),
    'packages/a/package.json': npm('@acme/a'),
    'packages/b/package.json': npm('b', {
      dependencies: { '@acme/a': '^1.0.0', left: '1' },
      peerDependencies: { '@acme/a': 'workspace:^' },
    }),
    'packages/none/readme.md': '',
    'apps/web/package.json': npm('web', { devDependencies: { b: '*' } }),
    'apps/deep/er/package.json': npm('deeper'),
    'apps/old/package.json': npm('old'),
    'apps/node_modules/b/package.json': npm('b'),
    'tools/x/package.json': npm('x'),
    'tools/z/package.json': npm('z'),
  })
  assert.equal(named(workspace), [
    'npm . root 1.0.0',
    'npm apps/deep/er deeper 1.0.0',
    'npm apps/web web 1.0.0',
    'npm packages/a @acme/a 1.0.0',
    'npm packages/b b 1.0.0',
    'npm tools/x x 1.0.0',
  ])
  assert.equal(asked(workspace), [
    'web devDependencies b * packages/b',
    'b dependencies @acme/a ^1.0.0 packages/a',
    'b peerDependencies @acme/a workspace:^ packages/a',
  ])
})

test('pnpm’s workspace file is read as well', async () => {
  const workspace = await read({
    'package.json': npm('root'),
    'pnpm-workspace.yaml': 'packages:\n  - "libs/*" # ours\n',
    'libs/a/package.json': npm('a'),
  })
  assert.equal(named(workspace), ['npm . root 1.0.0', 'npm libs/a a 1.0.0'])
})

test('Cargo workspaces: members, path dependencies, inherited versions and requirements', async () => {
  const workspace = await read({
    'Cargo.toml': [
      '[workspace]',
      'members = ["crates/*"]',
      'exclude = ["crates/out"]',
      '[workspace.package]',
      'version = "0.3.1"',
      '[workspace.dependencies]',
      'core = { path = "crates/core", version = "0.3.1", package = "acme-core" }',
    ].join('\n'),
    'crates/core/Cargo.toml': '[package]\nname = "acme-core"\nversion.workspace = true\n',
    'crates/cli/Cargo.toml':
      '[package]\nname = "cli"\nversion = "2.0.0"\npublish = false\n[dependencies]\ncore = { workspace = true }\n' +
      '[target."cfg(unix)".dev-dependencies]\nextra = { path = "../../extra" }\n',
    'crates/out/Cargo.toml': '[package]\nname = "out"\nversion = "1.0.0"\n',
    'extra/Cargo.toml': '[package]\nname = "extra"\nversion = "1.0.0"\n',
    'Cargo.lock': 'version = 4\n',
  })
  assert.equal(named(workspace), [
    'cargo crates/cli cli 2.0.0',
    'cargo crates/core acme-core 0.3.1',
    'cargo extra extra 1.0.0',
  ])
  assert.equal(asked(workspace), [
    'cli dependencies acme-core ^0.3.1 crates/core',
    'cli devDependencies extra workspace:* extra',
  ])
  assert.is(workspace.packages[1]!.inheritsFrom, 'Cargo.toml')
  assert.is(workspace.packages[0]!.private, true)
  assert.equal(workspace.lockFiles, ['Cargo.lock'])
})

test('Go workspaces: the modules used and what they require of each other', async () => {
  const workspace = await read({
    'go.work': 'go 1.24\n\nuse (\n\t./api // first\n\t./server\n)\nuse ./tool\n',
    'api/go.mod': 'module example.org/acme/api/v2\n\ngo 1.24\n',
    'server/go.mod':
      'module example.org/acme/server\n\nrequire (\n\texample.org/acme/api/v2 v2.1.0\n\tgolang.org/x/sys v0.1.0 // indirect\n)\n',
    'tool/go.mod':
      'module example.org/acme/tool\nrequire example.org/acme/server v0.4.0 // indirect\n',
  })
  assert.equal(named(workspace), [
    'go api example.org/acme/api/v2 null',
    'go server example.org/acme/server null',
    'go tool example.org/acme/tool null',
  ])
  assert.equal(asked(workspace), [
    'example.org/acme/server dependencies example.org/acme/api/v2 >=2.1.0 <3.0.0-0 api',
    'example.org/acme/tool dependencies example.org/acme/server >=0.4.0 <2.0.0-0 server',
  ])
})

test('workspaces are found above a component that lies deep, and plain folders by their version file', async () => {
  const workspace = await read(
    {
      'rust/Cargo.toml': '[workspace]\nmembers = ["a"]\n',
      'rust/a/Cargo.toml': '[package]\nname = "a"\nversion = "1.0.0"\n',
      'web/package.json': npm('web', { workspaces: { packages: ['ui'] } }),
      'web/ui/package.json': npm('ui'),
      'charts/x/VERSION': 'v3.1.4\n',
      'docs/readme.md': '',
    },
    ['rust/a', 'web/ui', 'charts/x', 'docs'],
  )
  assert.equal(named(workspace), [
    'plain charts/x x 3.1.4',
    'cargo rust/a a 1.0.0',
    'npm web web 1.0.0',
    'npm web/ui ui 1.0.0',
  ])
})

test.run()
