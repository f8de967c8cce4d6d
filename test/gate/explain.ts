import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decide, explain, readCommits } from '@waybill/gate'
import { rejects } from '../helpers/rejects.ts'
import { createRepository } from '../helpers/repository.ts'

const test = suite('explain')
const a = { name: 'a', path: 'a', tag: 'a-v{version}' }
const b = { name: 'b', path: 'b', tag: 'b-v{version}' }

test('says in words why a release is due, and why not', async () => {
  const { commit, git, path } = createRepository()
  commit({ message: 'chore: x', files: { 'a/x': '1' } })
  const read = async (): Promise<string> => explain(decide(await readCommits(a, { cwd: path })))
  assert.match(await read(), 'a is not released')
  commit({ message: 'feat: y', files: { 'a/x': '2' } })
  assert.match(await read(), 'a is released as 0.1.0 as its first release')
  git('tag', 'a-v0.1.0')
  assert.match(await read(), 'tagged on this very commit')
  const order = commit({ message: 'chore: z\n\nRelease-As: 1.0.0', files: { 'a/x': '3' } })
  assert.match(await read(), `because ${order.slice(0, 12)} orders it`)
  commit({ message: 'chore: z\n\nRelease-As: 1', files: { 'a/x': '4' } })
  assert.match(await read(), 'a is blocked')
})

test('explains a commit for every component, in the release that holds it', async () => {
  const { commit, git, path } = createRepository()
  const first = commit({ message: 'fix: x', files: { 'a/x': '1' } })
  git('tag', 'a-v1.0.0')
  commit({ message: 'feat: y', files: { 'b/x': '1' } })
  const { subject, components } = await explain(first, { cwd: path, components: [a, b] })
  assert.is(subject, 'fix: x')
  assert.equal(
    components.map(({ name, verdict, bump }) => [name, verdict, bump]),
    [
      ['a', 'release', 'patch'],
      ['b', 'none', 'none'],
    ],
  )
  assert.ok(components.every(({ reason }) => reason.length > 0))
  await rejects(explain('nowhere', { cwd: path, components: [a] }), 'ERR_UNKNOWN_REVISION')
})

test('explains a commit that the head does not reach in a range of its own', async () => {
  const { commit, git, path } = createRepository()
  commit({ message: 'chore: x', files: { 'a/x': '1' } })
  git('tag', 'a-v1.0.0')
  git('checkout', '-q', '-b', 'topic')
  const topic = commit({ message: 'feat: y', files: { 'a/x': '2' } })
  git('checkout', '-q', '-')
  const { components } = await explain(topic, { cwd: path, components: [a] })
  assert.equal([components[0]?.verdict, components[0]?.bump], ['release', 'minor'])
})

test.run()
