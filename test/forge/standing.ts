// What stands at the forge already: adopted, left alone, finished, or a reason to stop.
import { digestOf } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import {
  api,
  publishPage,
  REPOSITORY,
  releasedFiles,
  releasesOf,
  uploadBy,
} from '../helpers/forge.ts'
import { startHeldForge } from '../helpers/github-contract.ts'
import { rejects } from '../helpers/rejects.ts'
import { commitOf } from '../helpers/release.ts'

const test = suite('githubRelease, what stands already')
const closing = closingAfter(test)
const TAG = 'scim-v1.0.0'

interface Made {
  readonly id: number
  readonly upload_url: string
}

test('a draft of the same tag is adopted, with the title and notes it has, wherever in the list it stands', async () => {
  const forge = await closing(startHeldForge())
  const made = { tag_name: TAG, name: 'The door', body: 'By hand.', draft: true }
  const draft = (await api(forge, 'POST', '/releases', made)) as Made
  for (let at = 0; at < 120; at++)
    await api(forge, 'POST', '/releases', { tag_name: `other-${at}`, make_latest: 'false' })
  await publishPage(forge, '1.0.0', { notes: 'By machine.' })
  const own = releasesOf(forge).filter(({ tag }) => tag === TAG)
  assert.is(own.length, 1)
  const [{ id, name, body, draft: isDraft, target, assets }] = own as [(typeof own)[number]]
  assert.equal(
    { id, name, body, isDraft, target, assets: assets.length },
    {
      id: draft.id,
      name: 'The door',
      body: 'By hand.',
      isDraft: false,
      target: commitOf('1.0.0'),
      assets: 3,
    },
  )
})

test('a draft without notes gets them, and the commit and the mark of a prerelease', async () => {
  const forge = await closing(startHeldForge())
  await api(forge, 'POST', '/releases', { tag_name: 'scim-v1.0.0-rc.1', draft: true })
  await publishPage(forge, '1.0.0-rc.1', { notes: 'By machine.' })
  const [{ name, body, prerelease }] = releasesOf(forge) as [ReturnType<typeof releasesOf>[number]]
  assert.equal(
    { name, body, prerelease },
    { name: 'scim-v1.0.0-rc.1', body: 'By machine.', prerelease: true },
  )
})

test('of several drafts the oldest is gone on with; an empty one that says the same is removed, another is left', async () => {
  const forge = await closing(startHeldForge())
  const own = {
    tag_name: TAG,
    name: TAG,
    body: '',
    target_commitish: commitOf('1.0.0'),
    draft: true,
  }
  const first = (await api(forge, 'POST', '/releases', own)) as Made
  await api(forge, 'POST', '/releases', own)
  await api(forge, 'POST', '/releases', { ...own, body: 'Somebody’s.' })
  await publishPage(forge, '1.0.0')
  assert.equal(
    releasesOf(forge).map(({ id, draft, body }) => `${id === first.id} ${draft} ${body}`),
    ['true false ', 'false true Somebody’s.'],
  )
})

test('a file of a draft that differs is never replaced: both digests are named before anything is written', async () => {
  const forge = await closing(startHeldForge())
  const draft = (await api(forge, 'POST', '/releases', { tag_name: TAG, draft: true })) as Made
  await uploadBy(draft, 'SHA256SUMS', 'other bytes')
  const { files } = releasedFiles('1.0.0')
  const error = await rejects(publishPage(forge, '1.0.0'), 'ERR_IMMUTABLE_TAG')
  assert.match(error.message, `${TAG}/SHA256SUMS`)
  assert.match(error.message, files.find(({ name }) => name === 'SHA256SUMS')!.digest)
  assert.match(error.message, digestOf('other bytes'))
  assert.equal(
    releasesOf(forge).map(({ assets }) => assets.map(({ name }) => name)),
    [['SHA256SUMS']],
  )
})

test('a file that stands with the same bytes is left as it is; others are added beside it', async () => {
  const forge = await closing(startHeldForge())
  const draft = (await api(forge, 'POST', '/releases', { tag_name: TAG, draft: true })) as Made
  await uploadBy(draft, 'SHA256SUMS', 'SHA256SUMS of 1.0.0\n'.repeat(40))
  await uploadBy(draft, 'installer.sh', 'somebody else’s')
  const { results } = await publishPage(forge, '1.0.0')
  const outcomes = Object.fromEntries(results.map(({ name, outcome }) => [name, outcome]))
  assert.is(outcomes[`${TAG}/SHA256SUMS`], 'unchanged')
  assert.is(outcomes[`${TAG}/scim-x86_64-unknown-linux-gnu.tar.gz`], 'applied')
  assert.is(releasesOf(forge)[0]!.assets.length, 4)
})

test('what is left of an upload that broke off is removed, and the file uploaded', async () => {
  const forge = await closing(startHeldForge({ faults: 'sever@1:POST/assets' }))
  const draft = (await api(forge, 'POST', '/releases', { tag_name: TAG, draft: true })) as Made
  await uploadBy(draft, 'SHA256SUMS', 'SHA256SUMS of 1.0.0\n'.repeat(40)).catch(() => {})
  assert.is(releasesOf(forge)[0]!.assets[0]!.state, 'open')
  const { results } = await publishPage(forge, '1.0.0')
  assert.equal([...new Set(results.map(({ outcome }) => outcome))], ['applied'])
  assert.equal(
    releasesOf(forge)[0]!.assets.map(({ state }) => state),
    ['uploaded', 'uploaded', 'uploaded'],
  )
})

test('a published release that differs stops everything; one that lacks files is not added to', async () => {
  const forge = await closing(startHeldForge())
  const published = (await api(forge, 'POST', '/releases', {
    tag_name: TAG,
    target_commitish: commitOf('1.0.0'),
  })) as Made
  const error = await rejects(publishPage(forge, '1.0.0'), 'ERR_RELEASE_PUBLISHED')
  assert.match(error.message, 'lacks scim-x86_64')
  assert.match(error.hint ?? '', 'make it a draft again')
  assert.equal(releasesOf(forge)[0]!.assets, [])
  await uploadBy(published, 'SHA256SUMS', 'other bytes')
  await rejects(publishPage(forge, '1.0.0'), 'ERR_IMMUTABLE_TAG')
})

test('an immutable release that lacks files, and a tag that was one’s: nothing helps but a new version', async () => {
  const repositories = { [REPOSITORY]: { immutableReleases: true } }
  const forge = await closing(startHeldForge({ repositories }))
  const made = { tag_name: TAG, target_commitish: commitOf('1.0.0') }
  const { id } = (await api(forge, 'POST', '/releases', made)) as Made
  const error = await rejects(publishPage(forge, '1.0.0'), 'ERR_RELEASE_PUBLISHED')
  assert.match(error.hint ?? '', 'release under a new version')
  await api(forge, 'DELETE', `/releases/${id}`)
  const spent = await rejects(publishPage(forge, '1.0.0'), 'ERR_RELEASE_IMMUTABLE')
  assert.match(spent.message, 'was used by an immutable release')
})

test('a git tag that leads elsewhere stops it before anything is written; both commits are named', async () => {
  const forge = await closing(startHeldForge())
  const elsewhere = { tag_name: TAG, target_commitish: commitOf('another') }
  const { id } = (await api(forge, 'POST', '/releases', elsewhere)) as Made
  await rejects(publishPage(forge, '1.0.0'), 'ERR_IMMUTABLE_TAG')
  await api(forge, 'DELETE', `/releases/${id}`)
  const error = await rejects(publishPage(forge, '1.0.0'), 'ERR_IMMUTABLE_TAG')
  assert.match(error.message, commitOf('another'))
  assert.match(error.message, commitOf('1.0.0'))
  assert.equal(releasesOf(forge), [])
})

test('a file that was changed after it was built is not uploaded', async () => {
  const forge = await closing(startHeldForge())
  const { out, files } = releasedFiles('1.0.0')
  const error = await rejects(
    publishPage(forge, '1.0.0', {
      out,
      files: files.map((file) => ({ ...file, digest: `sha256:${'0'.repeat(64)}` as const })),
    }),
    'ERR_DIGEST_MISMATCH',
  )
  assert.match(error.message, 'changed after it was made')
  assert.equal(releasesOf(forge)[0]!.assets, [])
})

test('names that GitHub would change, and two files of one name, are refused before anything is asked', async () => {
  const forge = await closing(startHeldForge())
  for (const name of ['a b.tar.gz', 'a~b', '.hidden', 'end.', 'ä.zip'])
    await rejects(() => publishPage(forge, '1.0.0', { names: [name] }), 'ERR_INVALID_NAME')
  await rejects(() => publishPage(forge, '1.0.0', { names: ['a', 'a'] }), 'ERR_NAME_COLLISION')
  assert.equal(forge.requests, [])
})

test.run()
