import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createContext, createGit, type Git } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  ANY,
  createCanary,
  createScene,
  HOOKS,
  hostileSettings,
  local,
  remote,
  type Scene,
} from '../helpers/hostile-git.ts'
import { rejects } from '../helpers/rejects.ts'
import { createRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('git')

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

async function runAll(here: Scene): Promise<void> {
  // A file whose facts changed is read again, through the filters.
  utimesSync(join(here.repository.path, 'a'), 1, 1)
  for (const args of READING) await local(here).run(args, { ...ANY, input: 'HEAD:a\n' })
  for (const args of TALKING) await remote(here).run(args, ANY)
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

const kinds = Object.keys(hostileSettings({ file: 'x', script: '', sang: () => [] }, 'y'))
const without = new Set<string>()

for (const kind of kinds) {
  test(`runs nothing that a repository's own configuration names: ${kind}`, async () => {
    const here = createScene()
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
  const here = createScene()
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
  const here = createScene()
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
  const here = createScene()
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

test('reads what is there, not what replaces it: replace references, grafts, a commit graph, another worktree', async () => {
  const { repository, env } = createScene()
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
  const [here, there] = [createScene(), createRepository()]
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
  const { repository, env } = createScene()
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

test('says what is wrong with a repository that git refuses', async () => {
  const here = createScene()
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
  const { env } = createScene()
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
