// The whole of a destination against the registries people run.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadContent } from '@waybill/oci'
import { destination, doctor, repository } from '@waybill/registry'
import { startCrane, startDockerRegistry } from '../helpers/docker-registry.ts'
import { testImage } from '../helpers/image.ts'
import { testWith, type ComponentName } from '../helpers/needs.ts'
import type { RegistryProcess } from '../helpers/registry-process.ts'

const test = suite('real registries')

const real: readonly (readonly [ComponentName, () => Promise<RegistryProcess>])[] = [
  ['docker-registry', () => startDockerRegistry('docker-registry')],
  ['distribution', () => startDockerRegistry('registry')],
  ['crane', startCrane],
]

for (const [component, start] of real) {
  testWith(
    test,
    [component],
    `${component}: publishes, twice, mounts, moves and restores, reads back`,
    async () => {
      const registry = await start()
      try {
        await flow(registry.address)
      } finally {
        await registry.stop()
      }
    },
  )

  testWith(test, [component], `${component}: doctor leaves nothing behind`, async () => {
    const registry = await start()
    try {
      const name = `${registry.address}/acme/hello`
      const empty = await doctor(name)
      assert.ok(empty.capabilities.push && empty.capabilities.pull)
      const image = testImage()
      await destination(name).put(image)
      await destination(name).set('1.0', image.subject.digest, { kind: 'rolling', content: image })
      const report = await doctor(name)
      assert.is(report.ok, true, JSON.stringify(report.findings))
      assert.is(report.capabilities.head, true)
      assert.equal(await repository(name).tags(), ['1.0'])
    } finally {
      await registry.stop()
    }
  })
}

async function flow(address: string): Promise<void> {
  const to = destination(`${address}/acme/hello`)
  const [first, second] = [testImage({ size: 6 * 1024 * 1024 }), testImage({ seed: 'second' })]
  await to.preflight()
  assert.equal(await to.names(), [])
  assert.is(await to.observe('1.0.0'), undefined)
  for (const image of [first, second]) {
    await to.put(image)
    await to.check(image)
    assert.equal(await to.put(image), { uploaded: 0, mounted: 0, present: 9, bytes: 0 })
  }
  await to.set('1.0.0', first.subject.digest, { kind: 'immutable', content: first })
  await to.set('latest', first.subject.digest, { kind: 'rolling', content: first })
  const previous = first.subject.digest
  await to.set('latest', second.subject.digest, { kind: 'rolling', content: second, previous })
  assert.is(await to.observe('latest'), second.subject.digest)
  await to.restore('latest', previous)
  assert.is(await to.observe('latest'), previous)
  assert.equal(await to.names(), ['1.0.0', 'latest'])
  const source = repository(`${address}/acme/hello`)
  const content = await loadContent(source, await source.resolve('1.0.0'))
  const copy = await destination(`${address}/copy/hello`).put(content)
  assert.is(copy.mounted + copy.present + copy.uploaded, 9)
  assert.ok(copy.mounted + copy.present >= 6, 'blobs of the same registry are not sent again')
}

test.run()
