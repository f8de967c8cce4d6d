import { execFileSync } from 'node:child_process'
import { createContext, spawnExec, type Exec, type Release } from '@waybill/core'
import { gitRemote, planPublish, publish } from '@waybill/publish'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createDestination, createImage } from '../helpers/destination.ts'
import { rejects } from '../helpers/rejects.ts'
import { lockFolder } from '../helpers/release.ts'
import { createRepository, type TestRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('gitRemote')

interface Scene {
  readonly work: TestRepository
  readonly bare: string
  readonly commit: string
  readonly env: Readonly<Record<string, string | undefined>>
}

function scene(): Scene {
  const work = createRepository()
  const commit = work.commit({ message: 'feat: a', files: { a: '1' } })
  const bare = temporaryFolder('bare')
  execFileSync('git', ['init', '--quiet', '--bare', bare])
  work.git('remote', 'add', 'origin', bare)
  const env = { PATH: process.env['PATH'], HOME: work.path, GIT_CONFIG_NOSYSTEM: '1' }
  return { work, bare, commit, env }
}

const release = (version: string, commit: string): Release => ({
  component: 'scim',
  path: '.',
  version,
  tag: `scim-v${version}`,
  commit,
  created: 1_700_000_000,
})

const tagAt = (bare: string, tag: string): string =>
  execFileSync('git', ['rev-parse', `refs/tags/${tag}^{commit}`], {
    cwd: bare,
    encoding: 'utf8',
  }).trim()

test('pushes the tag of a release, once, and then finds it unchanged', async () => {
  const { work, bare, commit, env } = scene()
  const hub = createDestination('docker.io/acme/scim')
  const to = { hub, git: gitRemote('origin', { cwd: work.path, env }) }
  const content = createImage('a')
  const plan = await planPublish(release('1.0.0', commit), content, { to })
  assert.equal(plan.destinations['git:origin']?.immutable, ['scim-v1.0.0'])
  const receipt = await publish(plan, { content, to, lockFolder })
  assert.is(tagAt(bare, 'scim-v1.0.0'), commit)
  assert.is(
    receipt.results.find(({ destination }) => destination === 'git:origin')?.digest,
    `gitCommit:${commit}`,
  )
  const again = await publish(plan, { content, to, lockFolder })
  assert.ok(again.results.every(({ outcome }) => outcome === 'unchanged'))
})

test('needs no more of a release than its version, tag and commit', async () => {
  const { work, bare, commit, env } = scene()
  const to = { git: gitRemote('origin', { cwd: work.path, env }) }
  const content = createImage('a')
  const some = { version: '1.0.0', tag: 'scim-v1.0.0', commit }
  const plan = await planPublish(some, content, { to })
  assert.is(plan.release, undefined)
  work.git('push', '--quiet', 'origin', 'HEAD:refs/tags/scim-v0.9.0')
  await publish(plan, { content, to, lockFolder })
  assert.is(tagAt(bare, 'scim-v1.0.0'), commit)
  for (const lacking of [
    { version: '1.0.0', commit },
    { version: '1.0.0', tag: 'v1.0.0' },
  ])
    await rejects(planPublish(lacking, content, { to }), 'ERR_NO_RELEASE_TAG')
})

test('a higher version tagged in git since the plan was made stops it', async () => {
  const { work, commit, env } = scene()
  const hub = createDestination('docker.io/acme/scim')
  const to = { hub, git: gitRemote('origin', { cwd: work.path, env }) }
  const content = createImage('a')
  const some = { version: '1.0.0', tag: 'scim-v1.0.0', commit }
  const plan = await planPublish(some, content, { to })
  work.git('push', '--quiet', 'origin', 'HEAD:refs/tags/scim-v1.1.0')
  await rejects(publish(plan, { content, to, lockFolder }), 'ERR_STALE_PLAN')
  assert.is(hub.tags.size, 0)
})

test('takes an annotated tag on the same commit for the same', async () => {
  const { work, commit, env } = scene()
  work.git('tag', '-a', '-m', 'one', 'v1.0.0')
  work.git('push', '--quiet', 'origin', 'v1.0.0')
  const git = gitRemote('origin', { cwd: work.path, env })
  assert.is(await git.observe('v1.0.0'), `gitCommit:${commit}`)
  assert.is(await git.observe('v1.0'), undefined)
  assert.equal(await git.names(), ['v1.0.0'])
})

test('refuses a tag that stands on another commit, before anything is written', async () => {
  const { work, bare, commit, env } = scene()
  work.git('push', '--quiet', 'origin', 'HEAD:refs/tags/scim-v1.0.0')
  const next = work.commit({ message: 'feat: b', files: { a: '2' } })
  const hub = createDestination('docker.io/acme/scim')
  const to = { hub, git: gitRemote('origin', { cwd: work.path, env }) }
  const error = await rejects(
    planPublish(release('1.0.0', next), createImage('a'), { to }),
    'ERR_IMMUTABLE_TAG',
  )
  assert.match(error.message, `wanted gitCommit:${next}, found gitCommit:${commit}`)
  assert.is(tagAt(bare, 'scim-v1.0.0'), commit)
})

test('who comes second to the remote stops, names both, and no image name was written', async () => {
  const { work, bare, commit, env } = scene()
  const next = work.commit({ message: 'feat: b', files: { a: '2' } })
  // The other publisher pushes between the last look and our own push.
  const exec: Exec = (file, args, options) => {
    const ours = args[0] === 'push' && !args.includes('--dry-run')
    if (ours) work.git('push', '--quiet', bare, `${commit}:refs/tags/scim-v1.0.0`)
    return spawnExec(file, args, options)
  }
  const hub = createDestination('docker.io/acme/scim')
  const to = { hub, git: gitRemote('origin', { cwd: work.path, env, exec }) }
  const content = createImage('a')
  const plan = await planPublish(release('1.0.0', next), content, { to })
  const error = await rejects(publish(plan, { content, to, lockFolder }), 'ERR_IMMUTABLE_TAG')
  assert.match(error.message, next)
  assert.match(error.message, commit)
  assert.is(tagAt(bare, 'scim-v1.0.0'), commit)
  assert.is(hub.tags.size, 0)
})

test('versions tagged in git count like those in a registry; tags of other components do not', async () => {
  const { work, commit, env } = scene()
  for (const tag of ['scim-v1.3.0', 'client-v9.0.0', 'v8.0.0'])
    work.git('push', '--quiet', 'origin', `HEAD:refs/tags/${tag}`)
  const hub = createDestination('docker.io/acme/scim')
  const to = { hub, git: gitRemote('origin', { cwd: work.path, env }) }
  const plan = await planPublish(release('1.2.4', commit), createImage('a'), { to })
  assert.equal(plan.destinations['docker.io/acme/scim']?.rolling, ['1.2'])
})

test('a channel has no tag in git', async () => {
  const { work, commit, env } = scene()
  const to = { git: gitRemote('origin', { cwd: work.path, env }) }
  const plan = await planPublish(release('1.0.0', commit), createImage('a'), {
    to,
    channel: 'edge',
  })
  assert.equal(plan.destinations['git:origin']?.immutable, [])
})

test('a remote that cannot be asked is unknown, not empty', async () => {
  const { work, env } = scene()
  const git = gitRemote('/nowhere/at/all', { cwd: work.path, env })
  for (const ask of [() => git.names(), () => git.observe('v1'), () => git.preflight()]) {
    const error = await rejects(ask, 'ERR_UNKNOWN_STATE')
    assert.is(error.outcome, 'unknown')
  }
})

test('a remote that is not there is told in one line, with what to name instead', async () => {
  const { work, env } = scene()
  const remote = gitRemote('orgin', { cwd: work.path, env })
  const error = await rejects(remote.names(), 'ERR_UNKNOWN_STATE')
  assert.match(
    error.message,
    /^The git remote orgin could not be asked: 'orgin' does not appear to be/,
  )
  assert.not.match(error.message, /\n|Please make sure/)
  assert.match(error.hint!, 'as git remote lists them')
})

test('no tag is pushed that git does not take, rolling ones neither', async () => {
  const { work, env } = scene()
  const git = gitRemote('origin', { cwd: work.path, env })
  const wanted = `gitCommit:${'a'.repeat(40)}` as const
  const { content } = createImage('a')
  for (const tag of ['-v1', 'v 1', 'v1..0', 'v1.lock', 'v~1', 'a//b', 'v1.', '', 'v@{1'])
    for (const kind of ['rolling', 'immutable'] as const)
      await rejects(git.set(tag, wanted, { kind, previous: undefined, content }), 'ERR_INVALID_TAG')
})

test('no password reaches the arguments, a name or a message', async () => {
  const { work, env } = scene()
  await rejects(() => gitRemote('https://user:hunter2@example.org/a.git'), 'ERR_SECRET_IN_URL')
  for (const address of [
    'https://ghp_hunter2@github.com/a/b',
    'https://abcdefghijklmnopqrstuvwxyz@example.org/a',
    'https://x-access-token@example.org/a',
    'https://user:hunt/er2@example.org/a',
    'https://user:hunt@er2@gitea',
    'https://:hunter2@gitea/a',
    'ssh://git:hunter2@example.org/a',
    'user:hunter2@example.org/a',
  ])
    await rejects(() => gitRemote(address), 'ERR_SECRET_IN_URL')
  for (const address of [
    'https://me@example.org/a',
    'https://example.org/@scope/a',
    'git@github.com:a/b.git',
    'ssh://git@example.org/a',
    '/srv/a:b@example.org/c.git',
    'origin',
  ])
    assert.is(gitRemote(address).name, `git:${address}`)
  work.git('remote', 'add', 'secret', 'http://user:hunter2@127.0.0.1:1/a.git')
  const git = gitRemote('secret', { cwd: work.path, env })
  const error = await rejects(git.names(), 'ERR_UNKNOWN_STATE')
  assert.not.match(`${error.message} ${JSON.stringify(error.details)}`, 'hunter2')
})

const raw = (bare: string, tag: string): string =>
  execFileSync('git', ['rev-parse', `refs/tags/${tag}`], { cwd: bare, encoding: 'utf8' }).trim()

test('moves the rolling tags it was given, forward only', async () => {
  const { work, bare, commit, env } = scene()
  const rolling = ['scim-v{major}', 'scim-v{major}.{minor}']
  const to = { git: gitRemote('origin', { cwd: work.path, env, rolling }) }
  const release2 = async (version: string, at: string): Promise<unknown> => {
    const content = createImage(version)
    const plan = await planPublish(release(version, at), content, { to })
    await publish(plan, { content, to, lockFolder })
    return plan.destinations['git:origin']
  }
  await release2('1.0.0', commit)
  assert.equal(
    ['scim-v1', 'scim-v1.0'].map((tag) => tagAt(bare, tag)),
    [commit, commit],
  )
  const next = work.commit({ message: 'feat: b', files: { a: '2' } })
  await release2('1.1.0', next)
  assert.equal(
    ['scim-v1', 'scim-v1.0'].map((tag) => tagAt(bare, tag)),
    [next, commit],
  )
  const backport = work.commit({ message: 'fix: c', files: { a: '3' } })
  const { rolling: moved } = (await release2('1.0.1', backport)) as { rolling: string[] }
  assert.equal(moved, ['scim-v1.0'])
  assert.equal(
    ['scim-v1', 'scim-v1.0'].map((tag) => tagAt(bare, tag)),
    [next, backport],
  )
})

test('moves an annotated rolling tag, and puts it back as it was', async () => {
  const { work, bare, commit, env } = scene()
  work.git('tag', '-a', '-m', 'the line', 'v1')
  work.git('push', '--quiet', 'origin', 'v1')
  const annotated = raw(bare, 'v1')
  const next = work.commit({ message: 'feat: b', files: { a: '2' } })
  const git = gitRemote('origin', { cwd: work.path, env, rolling: ['v{major}'] })
  const options = {
    kind: 'rolling',
    previous: `gitCommit:${commit}`,
    content: createImage('a').content,
  } as const
  await git.set('v1', `gitCommit:${next}`, options)
  assert.is(raw(bare, 'v1'), next)
  await git.restore('v1', `gitCommit:${commit}`)
  assert.is(tagAt(bare, 'v1'), commit)
  assert.is.not(raw(bare, 'v1'), annotated)
  await git.restore('v1', undefined)
  assert.equal(await git.names(), [])
})

test('a rolling tag that somebody moved meanwhile stays theirs', async () => {
  const { work, bare, commit, env } = scene()
  const next = work.commit({ message: 'feat: b', files: { a: '2' } })
  const theirs = work.commit({ message: 'feat: c', files: { a: '3' } })
  work.git('push', '--quiet', 'origin', `${theirs}:refs/tags/v1`)
  const git = gitRemote('origin', { cwd: work.path, env, rolling: ['v{major}'] })
  const { content } = createImage('a')
  for (const previous of [`gitCommit:${commit}`, undefined] as const) {
    const moving = git.set('v1', `gitCommit:${next}`, { kind: 'rolling', previous, content })
    const error = await rejects(moving, 'ERR_STALE_PLAN')
    assert.match(error.message, theirs)
  }
  assert.is(tagAt(bare, 'v1'), theirs)
})

test('preflight leaves nothing behind', async () => {
  const { work, bare, env } = scene()
  await gitRemote('origin', { cwd: work.path, env }).preflight(createContext().signal)
  assert.is(execFileSync('git', ['for-each-ref'], { cwd: bare, encoding: 'utf8' }), '')
})

test.run()
