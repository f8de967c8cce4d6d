import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { spawnExec, type Component, type Exec } from '@waybill/core'
import { readCommits } from '@waybill/gate'
import { rejects } from '../helpers/rejects.ts'
import { createRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('readCommits')
const component: Component = { name: 'x', path: '.', tag: 'v{version}' }

test('refuses a folder that is no repository, and a repository without commits', async () => {
  const folder = temporaryFolder()
  const missing = await rejects(readCommits(component, { cwd: folder }), 'ERR_NOT_A_REPOSITORY')
  assert.is(missing.outcome, 'usage')
  await rejects(readCommits(component, { cwd: createRepository().path }), 'ERR_NO_COMMITS')
})

const broken: Exec = async (file, args, options) => {
  const { onStdout: _onStdout, ...rest } = options ?? {}
  return { ...(await spawnExec(file, args, rest)), stdout: new Uint8Array() }
}

// One that only loses what is streamed.
const deaf: Exec = (file, args, options) => {
  const { onStdout: _onStdout, ...rest } = options ?? {}
  return spawnExec(file, args, rest)
}

test('makes no empty history of output that git cannot have written', async () => {
  const repository = createRepository()
  repository.commit({ message: 'feat: a' })
  const cwd = repository.path
  await rejects(readCommits(component, { cwd, exec: broken }), 'ERR_GIT_OUTPUT')
  await rejects(readCommits(component, { cwd, exec: deaf }), 'ERR_GIT_OUTPUT')
})

test('names an unknown revision', async () => {
  const repository = createRepository()
  repository.commit({ message: 'a' })
  const work = readCommits(component, { cwd: repository.path, since: 'nowhere' })
  assert.match((await rejects(work, 'ERR_UNKNOWN_REVISION')).message, '"nowhere"')
})

test('takes no range for a commit, and finds one by words that hold dots', async () => {
  const { commit, path: cwd } = createRepository()
  for (const n of ['1', '2..3', '4']) commit({ message: `fix: ${n}` })
  for (const since of ['HEAD~2..HEAD', 'HEAD~1...HEAD', '^HEAD~1', 'HEAD^@', 'HEAD^!', 'HEAD^-1']) {
    const error = await rejects(readCommits(component, { cwd, since }), 'ERR_UNKNOWN_REVISION')
    assert.match(error.message, `"${since}" names more or less than one commit`)
    assert.is(error.outcome, 'usage')
  }
  for (const since of ['HEAD^{tree}', 'HEAD:'])
    await rejects(readCommits(component, { cwd, since }), 'ERR_UNKNOWN_REVISION')
  for (const since of [':/fix: 2..3', 'HEAD^{/2..3}', 'HEAD^1'])
    assert.is((await readCommits(component, { cwd, since })).commits.length, 1, since)
})

test('refuses a shallow clone, and deepens it when asked', async () => {
  const origin = createRepository()
  for (const n of ['1', '2', '3']) origin.commit({ message: `fix: ${n}`, files: { a: n } })
  const clone = temporaryFolder()
  origin.git('clone', '-q', '--depth=1', `file://${origin.path}`, clone)
  await rejects(readCommits(component, { cwd: clone }), 'ERR_SHALLOW_CLONE')
  const range = await readCommits(component, { cwd: clone, deepen: true })
  assert.is(range.commits.length, 3)
})

test('takes the highest version that is reachable, never the newest tag or one of another branch', async () => {
  const repository = createRepository()
  repository.commit({ message: 'a' })
  repository.git('tag', 'v1.10.0')
  repository.commit({ message: 'b' })
  repository.git('tag', '-a', '-m', 'annotated', 'v1.9.0')
  repository.git('tag', 'v1.11')
  repository.git('tag', 'other-v3.0.0')
  repository.commit({ message: 'c' })
  repository.git('checkout', '-q', '-b', 'side')
  repository.commit({ message: 'd' })
  repository.git('tag', 'v2.0.0')
  repository.git('checkout', '-q', 'main')
  const range = await readCommits(component, { cwd: repository.path })
  assert.is(range.last?.version, '1.10.0')
  assert.equal(
    range.commits.map(({ message }) => message.trim()),
    ['c', 'b'],
  )
  assert.equal([...range.tagged].toSorted(), ['1.10.0', '1.9.0', '2.0.0'])
})

test('puts no commit before its descendants, whatever the clock said', async () => {
  const repository = createRepository()
  const tree = repository.git('write-tree')
  let head = repository.commit({ message: 'a' })
  for (const [message, seconds] of [
    ['b', 900],
    ['c', 500],
    ['d', 700],
    ['e', 100],
  ] as const) {
    const who = `A <a@example.org> ${seconds} +0000`
    const file = join(repository.path, 'object')
    const parents =
      message === 'd'
        ? `parent ${head}\nparent ${repository.git('rev-parse', 'HEAD~1')}`
        : `parent ${head}`
    writeFileSync(file, `tree ${tree}\n${parents}\nauthor ${who}\ncommitter ${who}\n\n${message}\n`)
    head = repository.git('hash-object', '-t', 'commit', '-w', file)
    repository.git('reset', '-q', '--soft', head)
  }
  const range = await readCommits(component, { cwd: repository.path })
  assert.equal(
    range.commits.map(({ message }) => message.trim()),
    ['e', 'd', 'c', 'b', 'a'],
  )
})

test('reads odd messages and odd paths whole', async () => {
  const repository = createRepository()
  const name = 'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef'
  repository.commit({
    message: 'fix: ünïcode \u{1F600}\n\nbody\n\n\nmore',
    files: { [name]: '1', 'ä\nb': '1' },
  })
  repository.git('commit', '-q', '--allow-empty', '--allow-empty-message', '-m', '')
  const range = await readCommits(component, { cwd: repository.path })
  assert.equal(
    range.commits.map(({ empty }) => empty),
    [true, false],
  )
  assert.is(range.commits[1]!.message, 'fix: ünïcode \u{1F600}\n\nbody\n\n\nmore\n')
})

// Hands on what git wrote in pieces of a size.
function inPiecesOf(bytes: number): Exec {
  return (file, args, options = {}) => {
    const onStdout = (chunk: Uint8Array): void => {
      for (let at = 0; at < chunk.length; at += bytes)
        options.onStdout?.(chunk.subarray(at, at + bytes))
    }
    return spawnExec(
      file,
      args,
      options.onStdout === undefined ? options : { ...options, onStdout },
    )
  }
}

test('reads the same whatever pieces git’s output comes in, also where it is longer than what is read at once', async () => {
  const repository = createRepository()
  repository.commit({ message: 'feat: Größe', files: { 'ä/日本.txt': '1', b: '1' } })
  const names = Array.from({ length: 1500 }, (_, n) => `${'ü'.repeat(100)}/${n}`)
  repository.commit({
    message: 'fix: many files',
    files: Object.fromEntries(names.map((name) => [name, ''])),
  })
  repository.commit({ message: 'chore: nothing' })
  repository.commit({ message: 'fix: one', files: { b: '2' } })
  const read = (exec: Exec) => readCommits(component, { cwd: repository.path, exec })
  const { commits } = await read(spawnExec)
  assert.equal(
    commits.map(({ parsed, empty }) => [parsed.subject, empty]),
    [
      ['fix: one', false],
      ['chore: nothing', true],
      ['fix: many files', false],
      ['feat: Größe', false],
    ],
  )
  for (const bytes of [1, 7, 4096, 1 << 20])
    assert.equal((await read(inPiecesOf(bytes))).commits, commits, `in pieces of ${bytes}`)
})

test('leaves out what was released after `until`', async () => {
  const repository = createRepository()
  const first = repository.commit({ message: 'feat: a' })
  repository.commit({ message: 'feat: b' })
  repository.git('tag', 'v0.1.0')
  const range = await readCommits(component, { cwd: repository.path, until: first })
  assert.equal(range.tagged, [])
  assert.is(range.head.commit, first)
})

test.run()
