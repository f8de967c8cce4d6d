// A whole publish against every registry the testkit can behave like, with credentials and a fresh configuration.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { destination, doctor, login, repository } from '@waybill/registry'
import { loadContent } from '@waybill/oci'
import { profileNames, startRegistry, type ProfileName } from '@waybill/testkit'
import { rejects } from '../helpers/rejects.ts'
import { testImage } from '../helpers/image.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('registry profiles')
const homes = temporaryFolder('homes')
const users = { someone: 'secret p@ss:word' }

function environment(): Record<string, string> {
  const home = mkdtempSync(join(homes, 'home-'))
  mkdirSync(join(home, '.docker'))
  return { HOME: home }
}

for (const like of profileNames) {
  test(`publishes to a registry like ${like}, twice, and reads it back`, async () => {
    const registry = await startRegistry({ like, auth: { users }, repositories: ['acme/hello'] })
    const env = environment()
    const name = `${registry.address}/acme/hello`
    await login(registry.address, { env, username: 'someone', password: users.someone })
    const to = destination(name, { env })
    const image = testImage({ size: 9 * 1024 * 1024 })
    await to.preflight()
    for (let round = 0; round < 2; round++) {
      await to.put(image)
      await to.check(image)
      const options = { kind: 'immutable', content: image } as const
      await to.set('1.0.0', image.subject.digest, options)
      await to.set('latest', image.subject.digest, options)
    }
    assert.equal(await to.names(), ['1.0.0', 'latest'])
    assert.is(await to.observe('1.0.0'), image.subject.digest)
    const source = repository(name, { env })
    const content = await loadContent(source, await source.resolve('1.0.0'))
    for (const { descriptor } of [...content.blobs, ...content.manifests])
      for await (const _piece of content.read(descriptor));
    const puts = registry.requests.filter(
      ({ method, path }) => method === 'PUT' && path.includes('/manifests/'),
    )
    assert.is(puts.length, 5, 'each manifest and each tag is written once')
    await registry.close()
  })

  test(`a wrong password at a registry like ${like} is unknown, not absent`, async () => {
    const registry = await startRegistry({ like, auth: { users }, repositories: ['acme/hello'] })
    const env = environment()
    const options = { env, username: 'someone', password: 'w9-s3cret' }
    const error = await rejects(login(registry.address, options), 'ERR_UNAUTHORIZED')
    assert.not.match(error.message + error.hint! + JSON.stringify(error.details), 'w9-s3cret')
    writeFileSync(
      join(env['HOME']!, '.docker/config.json'),
      JSON.stringify({
        auths: {
          [registry.address]: { auth: Buffer.from('someone:w9-s3cret').toString('base64') },
        },
      }),
    )
    const to = destination(`${registry.address}/acme/hello`, { env })
    for (const asking of [() => to.observe('1.0.0'), () => to.names(), () => to.preflight()])
      assert.is((await rejects(asking, 'ERR_UNKNOWN_STATE')).outcome, 'unknown')
    await registry.close()
  })
}

const able: Readonly<Record<ProfileName, Readonly<Record<string, boolean>>>> = {
  ghcr: { referrers: false, deleteTag: false, mount: true },
  ecr: { chunked: false, mount: false },
  dockerhub: { deleteTag: false },
  quay: { push: true },
  harbor: { push: true },
  'distribution-2.8': { referrers: false, deleteTag: false, chunked: true },
}

for (const like of profileNames) {
  test(`doctor finds out what a registry like ${like} can do and leaves nothing behind`, async () => {
    const registry = await startRegistry({ like, repositories: ['acme/hello'] })
    const name = `${registry.address}/acme/hello`
    const image = testImage()
    const to = destination(name)
    await to.put(image)
    await to.set('1.0.0', image.subject.digest, { kind: 'immutable', content: image })
    const report = await doctor(name)
    const { capabilities } = report
    const found = Object.fromEntries(
      Object.keys(able[like]).map((key) => [key, capabilities[key as keyof typeof capabilities]]),
    )
    assert.equal(found, able[like])
    assert.ok(capabilities.pull && capabilities.push)
    assert.is(report.ok, true, JSON.stringify(report.findings))
    assert.equal(await to.names(), ['1.0.0'])
    await registry.close()
  })
}

test('doctor says why something could not be found out', async () => {
  const registry = await startRegistry({
    faults: [{ kind: '403', method: 'DELETE', path: 'manifests', until: Number.POSITIVE_INFINITY }],
  })
  const { capabilities, findings, ok } = await doctor(`${registry.address}/acme/hello`)
  assert.ok(ok)
  const unknown = Object.entries(capabilities).filter(([, can]) => can === null)
  assert.is(unknown.length, 5)
  for (const [name] of unknown)
    assert.ok(
      findings.some(({ level, message }) => level === 'note' && message.includes(name)),
      name,
    )
  const messages = findings.map(({ message }) => message).join('\n')
  assert.match(messages, /deleteTag.*HTTP 403/)
  assert.match(messages, /mount, range, head.*no image/)
  await registry.close()
})

test.run()
