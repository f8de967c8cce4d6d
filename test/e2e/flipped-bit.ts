// One bit of the binary changed in the layout between assemble and publish: nothing is written, and the error names file and digests.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry, type TestRegistry } from '@waybill/testkit'
import { waybill } from '../helpers/cli.ts'
import { createReleasedImage, publishWords } from '../helpers/released-image.ts'

const test = suite('flipped bit')
const open: TestRegistry[] = []

async function openRegistries(): Promise<readonly [TestRegistry, TestRegistry]> {
  const two = [await startRegistry(), await startRegistry()] as const
  open.push(...two)
  return two
}

test.after(async () => {
  for (const { close } of open) await close()
})

test('the run stops before anything is written to a registry and says which file, what was expected and what was found', async () => {
  const image = await createReleasedImage()
  const registries = await openRegistries()
  const blobs = join(image.layout, 'blobs/sha256')
  const isLayer = (file: string): boolean =>
    readFileSync(join(blobs, file))
      .subarray(0, 2)
      .equals(Buffer.from([0x1f, 0x8b]))
  const layers = readdirSync(blobs).filter(isLayer)
  assert.is(layers.length, 2)
  for (const layer of layers) {
    const path = join(blobs, layer)
    const whole = readFileSync(path)
    const flipped = Buffer.from(whole)
    const middle = flipped.length >> 1
    flipped[middle] = flipped[middle]! ^ 1
    writeFileSync(path, flipped)
    const result = await waybill(
      publishWords(
        image,
        '1.0.0',
        registries.map(({ address }) => `${address}/acme/app`),
      ),
    )
    assert.is(result.code, 1, result.stdout)
    const { error } = result.json() as { error: { code: string; message: string } }
    assert.is(error.code, 'ERR_NOT_IDENTICAL')
    assert.match(error.message, layer)
    assert.match(error.message, `expected sha256:${layer}`)
    assert.match(error.message, /found sha256:[0-9a-f]{64}/)
    writeFileSync(path, whole)
  }
  for (const { requests } of registries) {
    assert.equal(
      requests.filter(({ method }) => !['GET', 'HEAD'].includes(method)),
      [],
    )
  }
})

test('a released file that is not the one in the image stops it as well', async () => {
  const image = await createReleasedImage('one')
  const other = await createReleasedImage('other')
  const [registry] = await openRegistries()
  const words = publishWords({ ...image, artifacts: other.artifacts }, '1.0.0', [
    `${registry.address}/acme/app`,
  ])
  const result = await waybill(words)
  assert.is(result.code, 1)
  const { error } = result.json() as { error: { code: string; message: string } }
  assert.match(error.message, /\/app/)
  assert.match(error.message, /sha256:[0-9a-f]{64}[\s\S]*sha256:[0-9a-f]{64}/)
  assert.equal(
    registry.requests.filter(({ method }) => !['GET', 'HEAD'].includes(method)),
    [],
  )
})

test.run()
