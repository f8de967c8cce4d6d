import { startHeldForge } from '../helpers/github-contract.ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { lines, publishPage, REPOSITORY, releasesOf, TOKEN } from '../helpers/forge.ts'
import { commitOf } from '../helpers/release.ts'

const test = suite('githubRelease')
const closing = closingAfter(test)

test('publishes a release with its files, and makes it the latest', async () => {
  const forge = await closing(startHeldForge())
  const receipt = await publishPage(forge, '1.0.0', { notes: 'The first.' })
  assert.equal(lines(receipt), [
    'scim-v1.0.0/scim-x86_64-unknown-linux-gnu.tar.gz immutable sha256:ae487e2ce1d50 applied',
    'scim-v1.0.0/scim-aarch64-unknown-linux-gnu.tar.gz immutable sha256:6dfcf313ba1e6 applied',
    'scim-v1.0.0/SHA256SUMS immutable sha256:005c9fc4db3a6 applied',
    'scim-v1.0.0 immutable gitCommit:92521fc3cb applied',
    'latest rolling release:scim-v1.0.0 applied',
  ])
  const [release, ...others] = releasesOf(forge)
  assert.equal(others, [])
  const { tag, target, name, body, draft, prerelease, assets } = release!
  assert.equal(
    { tag, target, name, body, draft, prerelease },
    {
      tag: 'scim-v1.0.0',
      target: commitOf('1.0.0'),
      name: 'scim-v1.0.0',
      body: 'The first.',
      draft: false,
      prerelease: false,
    },
  )
  assert.equal(
    // They are uploaded side by side.
    assets.map(({ name: file, state }) => `${file} ${state}`).toSorted(),
    [
      'SHA256SUMS uploaded',
      'scim-aarch64-unknown-linux-gnu.tar.gz uploaded',
      'scim-x86_64-unknown-linux-gnu.tar.gz uploaded',
    ],
  )
  assert.is(forge.repository(REPOSITORY)?.latest, release!.id)
})

test('the receipt says where a person finds the release and its files', async () => {
  const forge = await closing(startHeldForge())
  const { results } = await publishPage(forge, '1.0.0')
  const web = `http://${forge.address}/acme/scim/releases`
  const urls = Object.fromEntries(results.map(({ name, url }) => [name, url]))
  assert.is(urls['scim-v1.0.0'], `${web}/tag/scim-v1.0.0`)
  assert.is(urls['scim-v1.0.0/SHA256SUMS'], `${web}/download/scim-v1.0.0/SHA256SUMS`)
  const file = await fetch(urls['scim-v1.0.0/SHA256SUMS']!)
  assert.match(await file.text(), 'SHA256SUMS of 1.0.0')
})

test('run again, everything is unchanged and nothing is written', async () => {
  const forge = await closing(startHeldForge())
  await publishPage(forge, '1.0.0')
  const before = forge.requests.length
  const again = await publishPage(forge, '1.0.0')
  assert.equal([...new Set(again.results.map(({ outcome }) => outcome))], ['unchanged'])
  const asked = forge.requests.slice(before)
  assert.equal([...new Set(asked.map(({ method }) => method))], ['GET'])
})

test('nothing is published before every file is up, and no file is touched after it', async () => {
  const forge = await closing(
    startHeldForge({ repositories: { [REPOSITORY]: { immutableReleases: true } } }),
  )
  await publishPage(forge, '1.0.0')
  const writes = forge.requests.filter(({ method }) => method !== 'GET')
  const kinds = writes.map(
    ({ method, path }) => `${method} ${path.replace(/^.*\/releases/, '').replace(/\?.*/, '')}`,
  )
  assert.equal(kinds, [
    'POST /generate-notes',
    'POST /generate-notes',
    'POST ',
    'POST /1/assets',
    'POST /1/assets',
    'POST /1/assets',
    'PATCH /1',
    'PATCH /1',
  ])
  assert.ok(releasesOf(forge)[0]!.immutable)
  const again = await publishPage(forge, '1.0.0')
  assert.equal([...new Set(again.results.map(({ outcome }) => outcome))], ['unchanged'])
})

test('draft: leaves it a draft, which is no latest; published by hand, it is the same release', async () => {
  const forge = await closing(startHeldForge())
  const receipt = await publishPage(forge, '1.0.0', { draft: true })
  const page = receipt.results.find(({ name }) => name === 'scim-v1.0.0')
  assert.is(page?.outcome, 'applied')
  assert.match(page?.url ?? '', '/releases/tag/untagged-')
  assert.not(receipt.results.some(({ name }) => name === 'latest'))
  assert.ok(releasesOf(forge)[0]!.draft)
  const again = await publishPage(forge, '1.0.0', { draft: true })
  assert.equal([...new Set(again.results.map(({ outcome }) => outcome))], ['unchanged'])
  const url = `${forge.api}/repos/${REPOSITORY}/releases/${releasesOf(forge)[0]!.id}`
  const headers = { authorization: `Bearer ${TOKEN}` }
  await fetch(url, { method: 'PATCH', headers, body: JSON.stringify({ draft: false }) })
  const byHand = await publishPage(forge, '1.0.0', { draft: true })
  assert.equal([...new Set(byHand.results.map(({ outcome }) => outcome))], ['unchanged'])
})

test('a prerelease is marked as one and never the latest', async () => {
  const forge = await closing(startHeldForge())
  await publishPage(forge, '1.0.0')
  const receipt = await publishPage(forge, '1.1.0-rc.1')
  assert.not(receipt.results.some(({ name }) => name === 'latest'))
  assert.ok(releasesOf(forge)[1]!.prerelease)
  assert.is(forge.repository(REPOSITORY)?.latest, releasesOf(forge)[0]!.id)
})

test.run()
