import { execFileSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Artifact, Release } from '@waybill/core'
import { gitRemote, planPublish, publish, releasedFiles } from '@waybill/publish'
import { createDestination } from '../helpers/destination.ts'
import { rejects } from '../helpers/rejects.ts'
import { lockFolder } from '../helpers/release.ts'
import { createRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('releasedFiles')

const artifact = (name: string, digit: string): Artifact => ({
  kind: 'archive',
  name,
  path: `somewhere/${name}`,
  digest: `sha256:${digit.repeat(64)}`,
  size: 1,
})

const release = (commit: string): Release => ({
  component: 'a',
  path: '.',
  version: '1.0.0',
  tag: 'v1.0.0',
  commit,
  created: 1_700_000_000,
})

test('a release without an image is tagged, and the receipt says what it was', async () => {
  const { commit, git, path } = createRepository()
  const head = commit({ message: 'feat: a', files: { a: '1' } })
  const bare = temporaryFolder('bare')
  execFileSync('git', ['init', '--quiet', '--bare', bare])
  git('remote', 'add', 'origin', bare)
  const content = releasedFiles([artifact('a.tar.gz', '1')])
  const to = { git: gitRemote('origin', { cwd: path }) }
  const plan = await planPublish(release(head), content, { to })
  assert.equal(plan.proof, { kind: 'files' })
  const { results, subject, waived } = await publish(plan, { content, to, lockFolder })
  assert.is(subject, content.content.subject.digest)
  assert.is(waived, null)
  assert.equal(
    results.map(({ name, outcome }) => `${name} ${outcome}`),
    ['v1.0.0 applied'],
  )
})

test('the subject names the files, wherever they lie', () => {
  const one = releasedFiles([artifact('a.tar.gz', '1')])
  const moved = releasedFiles([{ ...artifact('a.tar.gz', '1'), path: 'elsewhere' }])
  const other = releasedFiles([artifact('a.tar.gz', '2')])
  assert.equal(moved.content.subject, one.content.subject)
  assert.is.not(other.content.subject.digest, one.content.subject.digest)
})

test('a repository of images is refused', async () => {
  const to = { hub: createDestination('docker.io/acme/a') }
  const planning = planPublish(release('a'.repeat(40)), releasedFiles(), { to })
  assert.match((await rejects(planning, 'ERR_NO_IMAGE')).message, 'docker.io/acme/a')
})

test.run()
