// An image as no honest tool writes it is compared by what engines make of it, or refused.
import { collect, type Content, type Descriptor } from '@waybill/core'
import { mediaTypes } from '@waybill/oci'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CONFIG_TYPES, evil, good, judge } from '../helpers/judged.ts'
import { oddContent, pushJson, pushOdd, type OddImage } from '../helpers/odd-images.ts'
import { rejects } from '../helpers/rejects.ts'

const test = suite('odd images')

test('a single manifest is an image whatever its configuration is called', async () => {
  for (const configType of CONFIG_TYPES) {
    const single = (odd: OddImage) =>
      oddContent((target) => pushOdd(target, { ...odd, configType }))
    assert.is(await judge(single(good)), 'ok', configType)
    assert.is(await judge(single(evil)), 'not-identical', configType)
  }
})

test('layers of a type that engines read differently are refused, those they all read are compared', async () => {
  const read = [
    mediaTypes.layer,
    mediaTypes.layerGzip,
    mediaTypes.layerZstd,
    mediaTypes.dockerLayer,
    mediaTypes.dockerLayerGzip,
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  ]
  for (const layerType of read) {
    const of = (odd: OddImage) => oddContent((target) => pushOdd(target, { ...odd, layerType }))
    assert.is(await judge(of(good)), 'ok', layerType)
    assert.is(await judge(of(evil)), 'not-identical', layerType)
  }
  const odd = [
    `${mediaTypes.layerGzip}+encrypted`,
    'application/octet-stream',
    'application/vnd.in-toto+json',
    'application/vnd.oci.image.layer.v1.tar+xz',
    'application/vnd.wasm.content.layer.v1+wasm',
    `${mediaTypes.layerGzip} `,
    '',
  ]
  for (const layerType of odd) {
    const content = oddContent((target) => pushOdd(target, { ...good, layerType }))
    assert.is(await judge(content), 'ERR_INVALID_IMAGE', layerType)
  }
})

test('addresses beside a layer change nothing: its bytes are those of its digest, and have to be here', async () => {
  const layer = { urls: ['https://registry.example/elsewhere'] }
  const foreign = { layerType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', layer }
  const content = await oddContent((target) => pushOdd(target, { ...good, ...foreign }))
  assert.is(await judge(content), 'ok')
  assert.is(
    await judge(oddContent((target) => pushOdd(target, { ...evil, ...foreign }))),
    'not-identical',
  )
  const away = oddContent((target) =>
    pushOdd(target, {
      ...good,
      ...foreign,
      layer: { ...layer, digest: `sha256:${'3'.repeat(64)}`, size: 3 },
    }),
  )
  assert.is(await judge(away), 'missing-content')
})

const data = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const embedding = (embed: (bytes: Buffer) => string): Promise<Content> =>
  oddContent(async (target) => {
    const statement = await pushOdd(target, good)
    const image = JSON.parse(String(await collect(target.fetch(statement), 1e6, 'manifest'))) as {
      config: Descriptor
    }
    const bytes = Buffer.from(await collect(target.fetch(image.config), 1e6, 'config'))
    const manifest = { ...image, config: { ...image.config, data: embed(bytes) } }
    return pushJson(target, mediaTypes.manifest, manifest)
  })

test('embedded content is the content itself, or refused', async () => {
  assert.is(await judge(embedding(data)), 'ok')
  const wrong: readonly ((bytes: Buffer) => string)[] = [
    () => '',
    () => 'e30=',
    (bytes) => data(Buffer.concat([bytes, Buffer.from(' ')])),
    (bytes) => data(Buffer.from(String(bytes).replace('hello', 'hullo'))),
    (bytes) => `${data(bytes)}=`,
    (bytes) => ` ${data(bytes)}`,
  ]
  for (const embed of wrong) await rejects(embedding(embed), 'ERR_INVALID_IMAGE')
})

test('a root file system of another kind, and a configuration without a platform, are refused', async () => {
  const odd: readonly Readonly<Record<string, unknown>>[] = [
    { rootfs: { type: 'layers+base', diff_ids: [] } },
    { rootfs: null },
    { rootfs: undefined },
    { os: undefined },
    { architecture: undefined },
    { os: 7 },
    { config: 'x' },
    { config: { Entrypoint: '/usr/bin/hello' } },
  ]
  for (const config of odd) {
    const content = oddContent(async (target) => {
      const image = JSON.parse(JSON.stringify({ ...good, config })) as OddImage
      const missing = Object.keys(config).filter((key) => config[key] === undefined)
      const all = Object.fromEntries(missing.map((key) => [key, null]))
      return pushOdd(target, { ...image, layers: good.layers, config: { ...image.config, ...all } })
    })
    assert.is(await judge(content), 'ERR_INVALID_IMAGE', JSON.stringify(config))
  }
})

test.run()
