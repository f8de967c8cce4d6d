import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { delimiter, join } from 'node:path'
import { createContext, createGit, type Git } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createCanary, HOOKS, hostileSettings, type Canary } from '../helpers/hostile-git.ts'
import { rejects } from '../helpers/rejects.ts'
import { createRepository, type TestRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('git')

interface Scene {
  readonly repository: TestRepository
  readonly bare: string
  readonly canary: Canary
  readonly env: Readonly<Record<string, string | undefined>>
}

function scene(): Scene {
  const repository = createRepository()
  const { path } = repository
  repository.commit({
    message: 'feat: a',
    files: { a: '1', '.gitattributes': '* filter=evil diff=evil merge=evil\n' },
  })
  const bare = temporaryFolder('bare')
  execFileSync('git', ['init', '--quiet', '--bare', bare])
  repository.git('remote', 'add', 'origin', bare)
  const canary = createCanary()
  mkdirSync(join(path, 'hooks'))
  for (const hook of HOOKS) copyFileSync(canary.file, join(path, 'hooks', hook))
  writeFileSync(
    join(path, 'evil.config'),
    `[core]\n\tfsmonitor = ${canary.file}\n\tsshCommand = ${canary.file}\n[remote "origin"]\n\tuploadpack = ${canary.file}\n\treceivepack = ${canary.file}\n`,
  )
  const env = { PATH: process.env['PATH'], HOME: temporaryFolder('home'), GIT_CONFIG_NOSYSTEM: '1' }
  return { repository, bare, canary, env }
}

const local = ({ repository, env }: Scene): Git =>
  createGit(createContext({ cwd: repository.path, env }))
const remote = ({ repository, env }: Scene): Git =>
  createGit(createContext({ cwd: repository.path, env }), 'remote')

// What Waybill runs. A remote may refuse: what is looked at is what was run meanwhile.
const READING: readonly (readonly string[])[] = [
  ['log', '-p', '--format=%H%x00%B', 'HEAD', '--'],
  ['status', '--porcelain', '--untracked-files=no', '-z'],
  ['ls-tree', '-r', 'HEAD'],
  ['for-each-ref', '--merged=HEAD', 'refs/tags/'],
  ['cat-file', '--batch'],
  ['remote', 'get-url', '--', 'origin'],
  ['rev-parse', 'HEAD'],
]
const TALKING: readonly (readonly string[])[] = [
  ['ls-remote', '--', 'origin', 'refs/tags/*'],
  ['push', '--dry-run', '--no-verify', '--', 'origin', 'HEAD:refs/tags/x'],
  ['push', '--', 'origin', 'HEAD:refs/tags/v1.0.0'],
]

const all = { okCodes: Array.from({ length: 256 }, (_, code) => code) }

async function runAll(here: Scene): Promise<void> {
  // A file whose facts changed is read again, through the filters.
  utimesSync(join(here.repository.path, 'a'), 1, 1)
  for (const args of READING) await local(here).run(args, { ...all, input: 'HEAD:a\n' })
  for (const args of TALKING) await remote(here).run(args, all)
}

function runPlain({ repository, env }: Scene): void {
  utimesSync(join(repository.path, 'a'), 1, 1)
  for (const args of [...READING, ...TALKING])
    try {
      execFileSync('git', args, { cwd: repository.path, env, input: 'HEAD:a\n', stdio: 'pipe' })
    } catch {
      // only what was run counts
    }
}

function configure({ repository, canary }: Scene, kind: string): void {
  const [file, settings] = [
    join(repository.path, '.git/config'),
    hostileSettings(canary, join(repository.path, 'hooks'))[kind]!,
  ]
  for (const [key, value] of settings) {
    const how = key === 'remote.origin.url' ? '--replace-all' : '--add'
    execFileSync('git', ['config', '--file', file, how, key, value])
  }
}

const kinds = Object.keys(hostileSettings({ file: 'x', sang: () => [] }, 'y'))
const without = new Set<string>()

for (const kind of kinds) {
  test(`runs nothing that a repository's own configuration names: ${kind}`, async () => {
    const here = scene()
    configure(here, kind)
    await runAll(here)
    assert.equal(here.canary.sang(), [])
    runPlain(here)
    if (here.canary.sang().length > 0) without.add(kind)
  })
}

test('git by itself runs what these name, so that the canary can sing', () => {
  for (const kind of [
    'fsmonitor',
    'filterClean',
    'filterProcess',
    'hooksPath',
    'include',
    'includeIf',
    'uploadpack',
    'receivepack',
    'extUrl',
    'textconv',
    'promisor',
  ])
    assert.ok(without.has(kind), `${kind}, of ${[...without].join(', ')}`)
})

test('runs no hook, neither the usual ones nor those that the user configured', async () => {
  const here = scene()
  const hooks = join(here.repository.path, 'hooks')
  for (const hook of HOOKS)
    copyFileSync(here.canary.file, join(here.repository.path, '.git/hooks', hook))
  await runAll(here)
  assert.equal(here.canary.sang(), [])
  writeFileSync(join(here.env['HOME']!, '.gitconfig'), `[core]\n\thooksPath = ${hooks}\n`)
  await runAll(here)
  assert.equal(here.canary.sang(), [])
})

test('runs no filter that the user configured either, whatever its name', async () => {
  const here = scene()
  const names = ['evil', 'a=b', 'a.b', 'x"y', 'ü', 'with blank', '-c']
  const text = names.map(
    (name) =>
      `[filter "${name.replaceAll('"', '\\"')}"]\n\tclean = ${here.canary.file}\n\tprocess = ${here.canary.file}\n\trequired = true\n`,
  )
  writeFileSync(join(here.env['HOME']!, '.gitconfig'), text.join(''))
  for (const name of ['evil', 'a=b', 'a.b', 'ü', '-c']) {
    here.repository.git('config', 'core.attributesFile', '/dev/null')
    writeFileSync(join(here.repository.path, '.git/info/attributes'), `* filter=${name}\n`)
    await runAll(here)
  }
  assert.equal(here.canary.sang(), [])
})

test('a submodule, a linked worktree and a partial clone run nothing either', async () => {
  const here = scene()
  const { path } = here.repository
  here.repository.git('worktree', 'add', '--quiet', '--detach', join(path, 'linked'))
  configure(here, 'fsmonitor')
  here.repository.git('config', 'extensions.worktreeConfig', 'true')
  execFileSync('git', ['config', '--worktree', 'core.fsmonitor', here.canary.file], { cwd: path })
  const linked = createGit(createContext({ cwd: join(path, 'linked'), env: here.env }))
  assert.is((await linked.text(['rev-parse', '--show-toplevel'])).trim(), join(path, 'linked'))
  assert.is(await linked.text(['status', '--porcelain', '-z']), '')
  assert.equal(here.canary.sang(), [])
})

test('what a partial clone has not got is not fetched from a path or a program', async () => {
  const here = scene()
  const full = here.repository.path
  execFileSync('git', ['config', 'uploadpack.allowFilter', 'true'], { cwd: full })
  const clone = join(temporaryFolder('clone'), 'c')
  execFileSync('git', [
    'clone',
    '--quiet',
    '--no-checkout',
    '--filter=blob:none',
    `file://${full}`,
    clone,
  ])
  const cwd = clone
  const git = createGit(createContext({ cwd, env: here.env }))
  assert.match(await git.text(['log', '--format=%s', '--name-only']), /feat: a/)
  for (const url of [`file://${full}`, full, `ext::${here.canary.file}`, 'evil::x']) {
    execFileSync('git', ['config', 'remote.origin.url', url], { cwd })
    await rejects(git.text(['cat-file', 'blob', 'HEAD:a']), 'ERR_EXEC_FAILED')
  }
  assert.equal(here.canary.sang(), [])
})

test('reads what is there, not what replaces it: replace references, grafts, a commit graph, another worktree', async () => {
  const { repository, env } = scene()
  const first = repository.git('rev-parse', 'HEAD')
  const second = repository.commit({ message: 'fix: b' })
  const other = repository.git('commit-tree', '-m', 'feat!: forged', 'HEAD^{tree}')
  repository.git('replace', second, other)
  writeFileSync(join(repository.path, '.git/info/grafts'), `${second}\n`)
  repository.git('config', 'core.worktree', '/')
  writeFileSync(join(repository.path, '.git/objects/info/commit-graph'), 'CGPH not one')
  const cwd = repository.path
  for (const more of [
    {},
    { GIT_GRAFT_FILE: join(cwd, '.git/info/grafts'), GIT_REPLACE_REF_BASE: 'refs/replace/' },
  ]) {
    const git = createGit(createContext({ cwd, env: { ...env, ...more } }))
    assert.is(await git.text(['log', '--format=%H %s']), `${second} fix: b\n${first} feat: a\n`)
    assert.is((await git.text(['rev-parse', '--show-toplevel'])).trim(), cwd)
  }
})

test('works on the repository at its folder, not on one that a hook is run for', async () => {
  const [here, there] = [scene(), createRepository()]
  const commit = there.commit({ message: 'feat: elsewhere' })
  const env = {
    ...here.env,
    GIT_DIR: join(there.path, '.git'),
    GIT_WORK_TREE: there.path,
    GIT_INDEX_FILE: join(there.path, '.git/index'),
  }
  const git = createGit(createContext({ cwd: here.repository.path, env }))
  assert.is(
    (await git.text(['rev-parse', 'HEAD'])).trim(),
    here.repository.git('rev-parse', 'HEAD'),
  )
  assert.is(await git.text(['status', '--porcelain', '-uno', '-z']), '')
  const nowhere = createGit(createContext({ cwd: temporaryFolder('nowhere'), env }))
  assert.is((await nowhere.text(['rev-parse', 'HEAD'])).trim(), commit)
})

test('git itself comes from outside of the repository', async () => {
  const { repository, env } = scene()
  const cwd = repository.path
  const canary = createCanary(cwd, 'git')
  mkdirSync(join(cwd, 'node_modules/.bin'), { recursive: true })
  copyFileSync(canary.file, join(cwd, 'node_modules/.bin/git'))
  chmodSync(join(cwd, 'node_modules/.bin/git'), 0o755)
  const linked = join(temporaryFolder('linked'), 'bin')
  symlinkSync(cwd, linked)
  const program = temporaryFolder('program')
  symlinkSync(canary.file, join(program, 'git'))
  for (const entry of [
    '.',
    '',
    './',
    '..',
    'node_modules/.bin',
    cwd,
    join(cwd, 'node_modules/.bin'),
    `${cwd}/x/..`,
    linked,
    program,
  ]) {
    const PATH = [entry, env['PATH']].join(delimiter)
    const git = createGit(createContext({ cwd, env: { ...env, PATH } }))
    assert.match(await git.text(['rev-parse', 'HEAD']), /^[0-9a-f]{40}\n$/, entry)
    const only = createGit(
      createContext({ cwd, env: { ...env, PATH: entry === '' ? ':' : entry } }),
    )
    await rejects(only.text(['rev-parse', 'HEAD']), 'ERR_TOOL_MISSING')
  }
  assert.equal(canary.sang(), [])
})

interface Asked {
  readonly authorization: string | undefined
}

/** Runs work beside a server that refuses everything and remembers what it was asked with. */
async function withServer(work: (address: string, asked: Asked[]) => Promise<void>): Promise<void> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    asked.push({ authorization: request.headers.authorization })
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  try {
    await work(`http://127.0.0.1:${(server.address() as { port: number }).port}`, asked)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

for (const where of ['its own file', 'an included file', 'a file included for this folder']) {
  test(`the header that CI writes into the configuration reaches the remote, from ${where}`, () =>
    withServer(async (address, asked) => {
      const here = scene()
      const { path } = here.repository
      const file = join(path, where === 'its own file' ? '.git/config' : '.git/ci.config')
      const header = 'AUTHORIZATION: basic "eC1h\\Y2Nlc3M6dG9rZW4="'
      execFileSync('git', ['config', '--file', file, `http.${address}/.extraheader`, header])
      if (where === 'an included file') here.repository.git('config', 'include.path', 'ci.config')
      if (where === 'a file included for this folder')
        here.repository.git('config', `includeIf.gitdir:${path}/.git.path`, file)
      here.repository.git('remote', 'set-url', 'origin', `${address}/a.git`)
      await remote(here).run(['ls-remote', '--', 'origin'], all)
      assert.is(asked[0]?.authorization, 'basic "eC1h\\Y2Nlc3M6dG9rZW4="')
    }))
}

test('credential helpers and address rules of the user count, those of the repository do not', () =>
  withServer(async (address, asked) => {
    const here = scene()
    const helper = `!f() { echo username=u; echo password=p; }; f`
    here.repository.git('config', 'credential.helper', `!${here.canary.file}`)
    here.repository.git('config', 'url.http://127.0.0.1:1/.insteadOf', 'forge:')
    here.repository.git('remote', 'set-url', 'origin', 'forge:a.git')
    const config = join(here.env['HOME']!, '.gitconfig')
    execFileSync('git', ['config', '--file', config, 'credential.helper', helper])
    execFileSync('git', ['config', '--file', config, `url.${address}/.insteadOf`, 'forge:'])
    await remote(here).run(['ls-remote', '--', 'origin'], all)
    assert.is(asked.at(-1)?.authorization, `Basic ${Buffer.from('u:p').toString('base64')}`)
    assert.equal(here.canary.sang(), [])
  }))

test('ssh is run as the user’s environment or configuration says', async () => {
  const here = scene()
  here.repository.git('remote', 'set-url', 'origin', 'ssh://git@127.0.0.1:1/a.git')
  const own = createCanary()
  const config = join(here.env['HOME']!, '.gitconfig')
  execFileSync('git', ['config', '--file', config, 'core.sshCommand', own.file])
  here.repository.git('config', 'core.sshCommand', here.canary.file)
  await remote(here).run(['ls-remote', '--', 'origin'], all)
  assert.ok(own.sang().length > 0)
  const named = createCanary()
  await remote({ ...here, env: { ...here.env, GIT_SSH_COMMAND: named.file } }).run(
    ['ls-remote', '--', 'origin'],
    all,
  )
  assert.ok(named.sang().length > 0)
  assert.equal(here.canary.sang(), [])
})

test('says what is wrong with a repository that git refuses', async () => {
  const here = scene()
  const cwd = temporaryFolder('none')
  const none = createGit(createContext({ cwd, env: here.env }))
  await rejects(none.text(['rev-parse', 'HEAD']), 'ERR_NOT_A_REPOSITORY')
  assert.is((await none.run(['rev-parse', 'HEAD'], { okCodes: [0, 128] })).exitCode, 128)
  const foreign = createGit(
    createContext({
      cwd: here.repository.path,
      env: { ...here.env, GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' },
    }),
  )
  const error = await rejects(foreign.text(['rev-parse', 'HEAD']), 'ERR_NOT_A_REPOSITORY')
  assert.match(error.hint ?? '', 'safe.directory')
})

test('another object format, a bare repository and a shallow clone are read as before', async () => {
  const { env } = scene()
  const cwd = temporaryFolder('sha256')
  execFileSync('git', ['init', '--quiet', '--object-format=sha256', cwd])
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.org']
  execFileSync('git', [...who, 'commit', '--quiet', '--allow-empty', '-m', 'feat: a'], { cwd })
  execFileSync('git', [...who, 'commit', '--quiet', '--allow-empty', '-m', 'feat: b'], { cwd })
  const at = (folder: string): Git => createGit(createContext({ cwd: folder, env }))
  assert.match(await at(cwd).text(['rev-parse', 'HEAD']), /^[0-9a-f]{64}\n$/)
  const bare = join(temporaryFolder('bare'), 'b.git')
  execFileSync('git', ['clone', '--quiet', '--bare', cwd, bare])
  assert.is(await at(bare).text(['log', '--format=%s']), 'feat: b\nfeat: a\n')
  const shallow = join(temporaryFolder('shallow'), 's')
  execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${cwd}`, shallow])
  assert.is((await at(shallow).text(['rev-parse', '--is-shallow-repository'])).trim(), 'true')
  assert.is(await at(shallow).text(['log', '--format=%s']), 'feat: b\n')
})

test.run()
