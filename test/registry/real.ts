// The whole of a destination against the registries people run.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadContent } from '@waybill/oci'
import { destination, doctor, repository } from '@waybill/registry'
import { freePort, startDockerRegistry } from '../helpers/docker-registry.ts'
import { testImage } from '../helpers/image.ts'
import { testWith, type ComponentName } from '../helpers/needs.ts'
import type { RegistryProcess } from '../helpers/registry-process.ts'

const test = suite('real registries')

async function startCrane(): Promise<RegistryProcess> {
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn('crane', ['registry', 'serve', '--address', address], { stdio: 'ignore' })
  const ended = new Promise((done) => child.once('exit', done))
  const answers = (): Promise<boolean> =>
    fetch(`http://${address}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    )
  for (let tries = 0; tries < 200 && !(await answers()); tries++) await sleep(50)
  return {
    address,
    stop: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

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
