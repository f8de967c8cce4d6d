// `waybill release` with a release page: from commits to a published release at the forge, beside the image and the git tag.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PublishPlan, Receipt, Report } from '@waybill/core'
import type { NameCheck } from '@waybill/publish'
import { startRegistry, type TestForge } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { closingAfter } from '../helpers/closing.ts'
import { startHeldForge } from '../helpers/github-contract.ts'
import { createRepository, type TestRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { tinyElf } from '../helpers/tiny-elf.ts'

const test = suite('waybill release, with a release page')
const closing = closingAfter(test)
const CANARY = 'ghs_canary0123456789abcdef'

const definition = (registry: string, release: string): string => `schemaVersion: 1
git: { remote: origin }
registries: { local: ${registry}/acme }
components:
  app:
    path: .
    tag: "app-v{version}"
    builds: [{ toolchain: prebuilt, binary: app, from: "bin/{platform}", platforms: [linux/amd64] }]
    images: [{ repository: app, base: scratch, path: /app }]
    release: ${release}
`

interface Scene extends TestRepository {
  readonly forge: TestForge
  readonly bare: string
  run(...args: readonly string[]): Promise<CliResult>
}

async function createScene(release = '{ forge: github }'): Promise<Scene> {
  const registry = await closing(startRegistry())
  const bare = temporaryFolder('bare')
  execFileSync('git', ['init', '--quiet', '--bare', bare])
  const tokens = { [CANARY]: { contents: 'write' } } as const
  const forge = await closing(
    startHeldForge({ tokens, repositories: { 'acme/app': { private: true, git: bare } } }),
  )
  const repository = createRepository()
  repository.commit({
    message: 'feat: start',
    files: {
      'waybill.yaml': definition(registry.address, release),
      'bin/linux-amd64': tinyElf('linux/amd64', 'one'),
      '.gitignore': 'dist\n.waybill\n',
    },
  })
  repository.git('remote', 'add', 'origin', bare)
  repository.git('push', '--quiet', 'origin', 'main')
  const env = { GITHUB_API_URL: forge.api, GITHUB_TOKEN: CANARY, GITHUB_REPOSITORY: 'acme/app' }
  return {
    ...repository,
    forge,
    bare,
    run: (...args) => waybill(args, { cwd: repository.path, env }),
  }
}

const TAG = 'app-v0.1.0'
const rows = ({ results }: Receipt, destination: string): string[] =>
  results.flatMap((row) => (row.destination === destination ? [`${row.name} ${row.outcome}`] : []))

const FILES = [
  'app-x86_64-unknown-linux-gnu.tar.gz',
  'app-x86_64-unknown-linux-gnu.tar.gz.sha256',
  'SHA256SUMS',
]

test('image, tag and page in one transaction; again, all is unchanged', async () => {
  const { run, forge, git, bare, path } = await createScene()
  for (const outcome of ['applied', 'unchanged']) {
    const { code, json, stderr } = await run('release', '--yes', '--json')
    assert.is(code, 0, stderr)
    const receipt = json() as unknown as Receipt
    const names = [...FILES.map((name) => `${TAG}/${name}`), TAG, 'latest']
    assert.equal(
      rows(receipt, 'github:acme/app').toSorted(),
      names.map((name) => `${name} ${outcome}`).toSorted(),
    )
    assert.equal(rows(receipt, 'git:origin'), [`${TAG} ${outcome}`])
    const page = receipt.results.find(({ name, url }) => name === TAG && url !== undefined)
    assert.is(page?.url, `http://${forge.address}/acme/app/releases/tag/${TAG}`)
  }
  const [release] = forge.repository('acme/app')!.releases
  assert.match(release!.body ?? '', '### Added\n\n- start')
  assert.is(release!.target, git('rev-parse', 'HEAD'))
  const sums = release!.assets.find(({ name }) => name === 'SHA256SUMS')
  const file = await fetch(`http://${forge.address}/acme/app/releases/download/${TAG}/SHA256SUMS`, {
    headers: { authorization: `Bearer ${CANARY}` },
  })
  assert.is(await file.text(), readFileSync(join(path, 'dist/SHA256SUMS'), 'utf8'))
  assert.is(sums?.state, 'uploaded')
  assert.is(
    execFileSync('git', ['rev-parse', TAG], { cwd: bare, encoding: 'utf8' }).trim(),
    release!.target,
  )
})

test('status looks at the page as well: what stands, and what is lacking', async () => {
  const { run, git } = await createScene()
  const commit = git('rev-parse', 'HEAD')
  const page = async (): Promise<readonly string[]> => {
    const { json } = await run('status', '0.1.0', '--commit', commit, '--json')
    const { checked } = json() as unknown as Report<NameCheck>
    return checked.flatMap(({ destination, name, outcome }) =>
      destination === 'github:acme/app' ? [`${name} ${outcome}`] : [],
    )
  }
  assert.equal(await page(), [`${TAG} wrong`, 'latest wrong'])
  assert.is((await run('release', '--yes')).code, 0)
  assert.equal(await page(), [`${TAG} ok`, 'latest ok'])
})

test('a dry run plans every name and writes nothing', async () => {
  const { run, forge } = await createScene()
  const { json, code } = await run('release', '--dry-run', '--json')
  const { destinations } = json() as unknown as PublishPlan
  const { immutable, rolling, digests } = destinations['github:acme/app']!
  assert.is(code, 0)
  assert.equal(immutable.toSorted(), [...FILES.map((name) => `${TAG}/${name}`), TAG].toSorted())
  assert.equal(rolling, ['latest'])
  assert.is(digests?.['latest'], `release:${TAG}`)
  assert.equal(forge.repository('acme/app')!.releases, [])
})

test('a section of the changelog is what the page says; a file is where one is named', async () => {
  const first = await createScene()
  first.commit({
    message: 'docs: changelog',
    files: {
      'CHANGELOG.md': '# Changelog\n\n## 0.1.0 - 2026-11-21\n\nBy hand.\n\n## 0.0.1\n\nOld.\n',
    },
  })
  first.git('push', '--quiet', 'origin', 'main')
  assert.is((await first.run('release', '--yes')).code, 0)
  assert.is(first.forge.repository('acme/app')!.releases[0]!.body, 'By hand.\n')
  const second = await createScene('{ forge: github, draft: true, notes: NOTES.md }')
  const missing = await second.run('release', '--yes', '--json')
  assert.is(missing.code, 2)
  assert.match(missing.stdout, 'ERR_FILE_MISSING')
  second.commit({ message: 'docs: notes', files: { 'NOTES.md': 'From a file.\n' } })
  second.git('push', '--quiet', 'origin', 'main')
  assert.is((await second.run('release', '--yes')).code, 0)
  const [release] = second.forge.repository('acme/app')!.releases
  assert.equal([release!.draft, release!.body], [true, 'From a file.\n'])
})

test('the token appears nowhere: output, plan, receipt, journal, files, failing runs included', async () => {
  const { run, forge, path } = await createScene()
  const faults = ['401@1-', '403@5-', '404@9-', '500@14-', 'drop@18-', '422@22-', 'truncate@26-']
  const said: string[] = []
  for (const fault of faults) {
    forge.inject(fault)
    const { code, stdout, stderr } = await run(
      'release',
      '--yes',
      '--verbose',
      '--timeout',
      '20',
      '--patience',
      '0',
    )
    assert.ok(code !== 0, `${fault}: ${stdout}`)
    said.push(stdout, stderr)
  }
  forge.inject([])
  const { code, stdout, stderr } = await run('release', '--yes', '--json', '--verbose')
  assert.is(code, 0, stderr)
  said.push(stdout, stderr)
  for (const folder of ['dist', '.waybill']) {
    const files = readdirSync(join(path, folder), { recursive: true, withFileTypes: true })
    for (const file of files)
      if (file.isFile()) said.push(readFileSync(join(file.parentPath, file.name), 'latin1'))
  }
  assert.ok(said.length > 20)
  for (const text of said) assert.not.match(text, CANARY)
})

test('which repository has the page: the definition, the environment, the git remote, or a question', async () => {
  const { run, path, git } = await createScene()
  const ask = async (env: Readonly<Record<string, string>>): Promise<CliResult> =>
    waybill(['release', '--dry-run', '--json'], {
      cwd: path,
      env: { GITHUB_REPOSITORY: '', GITHUB_API_URL: '', GITHUB_TOKEN: '', GH_TOKEN: '', ...env },
    })
  assert.is((await run('release', '--dry-run')).code, 0)
  const nowhere = await ask({})
  assert.is(nowhere.code, 2)
  assert.match(nowhere.stdout, 'ERR_INVALID_REPOSITORY')
  assert.match(nowhere.stdout, 'GITHUB_REPOSITORY')
  git('remote', 'set-url', 'origin', 'https://ghe.example.com/acme/app.git')
  const other = await ask({})
  assert.is(other.code, 2)
  assert.match(other.stdout, 'https://ghe.example.com/api/v3')
})

test.run()
