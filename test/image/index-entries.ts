// Nothing that is not understood is left out of the proof: whatever an index says of an entry, that entry's file is compared, or the image is refused.
import { isWaybillError, type Descriptor } from '@waybill/core'
import { createMemory, mediaTypes, readImages, type Base, type Target } from '@waybill/oci'
import { assemble, checkIdentity } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { release } from '../helpers/images.ts'
import {
  AMD64,
  CONFIG_TYPES,
  PATH,
  evil,
  good,
  inMemory,
  judge,
  out,
  released,
} from '../helpers/judged.ts'
import {
  STATEMENT,
  attests,
  pushBytes,
  pushEntries,
  pushOdd,
  type OddImage,
} from '../helpers/odd-images.ts'
import { errors } from '../helpers/released-hello.ts'

const test = suite('entries of an index')

test('an image is compared whatever its configuration is called, at every place, in every nesting', async () => {
  let count = 0
  const wraps: readonly ((target: Target, entry: object) => Promise<object>)[] = [
    async (_, entry) => entry,
    async (target, entry) => pushEntries(target, [entry]),
    async (target, entry) => ({
      ...(await pushEntries(target, [entry], mediaTypes.dockerIndex)),
      ...AMD64,
    }),
    async (target, entry) => pushEntries(target, [await pushEntries(target, [entry])]),
  ]
  for (const configType of CONFIG_TYPES)
    for (const manifestType of [mediaTypes.manifest, mediaTypes.dockerManifest])
      for (const platform of [AMD64, {}])
        for (const wrap of wraps)
          for (const place of [0, 1]) {
            const make = (odd: OddImage) =>
              inMemory(async (target) => {
                const image = await pushOdd(target, { ...odd, configType, manifestType })
                const entry = await wrap(target, { ...image, ...platform })
                const other = { ...(await pushOdd(target, good)), ...AMD64 }
                return place === 0 ? [entry, other] : [other, entry]
              })
            const what = `${configType} ${manifestType} ${place}`
            assert.is(await judge(make(evil)), 'not-identical', what)
            assert.is(await judge(make(good)), 'ok', what)
            count += 2
          }
  assert.is(count, 2 * 11 * 2 * 2 * 4 * 2)
})

test('an entry that is neither an image nor an index is refused, also nested, also as the subject', async () => {
  const types = [
    'application/vnd.docker.distribution.manifest.v1+json',
    'application/vnd.docker.distribution.manifest.v1+prettyjws',
    'application/vnd.oci.artifact.manifest.v1+json',
    'application/octet-stream',
    'application/vnd.oci.image.manifest.v2+json',
    'APPLICATION/vnd.oci.image.manifest.v1+json',
    `${mediaTypes.manifest}; charset=utf-8`,
    mediaTypes.layerGzip,
    mediaTypes.config,
    '',
  ]
  for (const type of types) {
    const odd = async (target: Target): Promise<Descriptor> =>
      pushBytes(target, type, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type })))
    const beside = await inMemory(async (target) => [
      { ...(await pushOdd(target, good)), ...AMD64 },
      { ...(await odd(target)), platform: { os: 'unknown', architecture: 'unknown' } },
    ])
    assert.is(await judge(beside), 'ERR_INVALID_IMAGE', type)
    const nested = await inMemory(async (target) => [
      { ...(await pushOdd(target, good)), ...AMD64 },
      await pushEntries(target, [await odd(target)]),
    ])
    assert.is(await judge(nested), 'ERR_INVALID_IMAGE', type)
    const alone = { ...beside, subject: { ...beside.subject, mediaType: type } }
    assert.is(await judge(alone), 'ERR_INVALID_IMAGE', type)
  }
})

test('an entry is not what its own manifest says: refused', async () => {
  const types = [
    mediaTypes.manifest,
    mediaTypes.dockerManifest,
    mediaTypes.index,
    mediaTypes.dockerIndex,
  ]
  for (const said of types)
    for (const is of types.filter((type) => type !== said)) {
      const content = inMemory(async (target) => {
        const image = await pushOdd(target, good)
        const inner = is.includes('index') || is.includes('list')
        const entry = inner
          ? await pushEntries(target, [image], is)
          : await pushOdd(target, { ...evil, manifestType: is })
        return [
          { ...image, ...AMD64 },
          { ...entry, mediaType: said },
        ]
      })
      assert.is(await judge(content), 'ERR_INVALID_IMAGE', `${said} is ${is}`)
    }
})

test('an entry and its configuration that differ are an error; arm64 is v8, and what is not said does not differ', async () => {
  type Said = Readonly<Record<string, unknown>>
  const arm64 = { os: 'linux', architecture: 'arm64' }
  const arm = { os: 'linux', architecture: 'arm' }
  const amd64 = { os: 'linux', architecture: 'amd64' }
  const windows = { os: 'windows', architecture: 'amd64' }
  const cases: readonly (readonly [entry: Said | undefined, config: Said, differs: boolean])[] = [
    [amd64, amd64, false],
    [undefined, amd64, false],
    [arm64, { ...arm64, variant: 'v8' }, false],
    [{ ...arm64, variant: 'v8' }, arm64, false],
    [arm, { ...arm, variant: 'v7' }, false],
    [{ ...arm, variant: 'v6' }, arm, false],
    [{ ...arm, variant: 'v6' }, { ...arm, variant: '' }, false],
    [{ ...amd64, variant: 'v1' }, amd64, false],
    [amd64, { ...amd64, variant: 'v1' }, false],
    [{ ...windows, 'os.version': '10.0.1' }, { ...windows, 'os.version': '10.0.1' }, false],
    [windows, { ...windows, 'os.version': '10.0.1' }, false],
    [amd64, arm64, true],
    [amd64, windows, true],
    [{ ...arm64, variant: 'v9' }, arm64, false],
    [arm64, { ...arm64, variant: 'v9' }, true],
    [{ ...arm64, variant: 'v8' }, { ...arm64, variant: 'v9' }, true],
    [{ ...arm, variant: 'v7' }, { ...arm, variant: 'v6' }, true],
    [arm, { ...arm, variant: 'v6' }, true],
    [amd64, { ...amd64, variant: 'v3' }, true],
    [{ ...amd64, variant: 'v2' }, { ...amd64, variant: 'v3' }, true],
    [{ ...windows, 'os.version': '10.0.1' }, { ...windows, 'os.version': '10.0.2' }, true],
    [{ ...windows, 'os.features': ['win32k'] }, { ...windows, 'os.features': ['x'] }, true],
  ]
  for (const [platform, config, differs] of cases) {
    const content = await inMemory(async (target) => {
      const image = await pushOdd(target, { ...good, config })
      return [JSON.parse(JSON.stringify({ ...image, platform })) as object]
    })
    const report = await checkIdentity(content, released, { out, path: PATH })
    assert.is(
      errors(report).includes('platform-mismatch'),
      differs,
      JSON.stringify([platform, config]),
    )
  }
})

test('a platform that engines read as another of ours is not passed over', async () => {
  const platforms = [
    { os: 'Linux', architecture: 'AMD64' },
    { os: 'linux', architecture: 'x86_64' },
    { os: 'linux', architecture: 'x86-64' },
    { os: '', architecture: '' },
    { os: 'linux', architecture: '' },
    { os: 'linux' },
    {},
    { os: 'linux', architecture: 'amd64', variant: 'v9' },
    { os: 'linux ', architecture: 'amd64' },
  ]
  for (const platform of platforms) {
    const content = inMemory(async (target) => [
      { ...(await pushOdd(target, evil)), platform },
      { ...(await pushOdd(target, good)), ...AMD64 },
    ]).catch((error: unknown) => {
      assert.ok(isWaybillError(error, 'ERR_INVALID_IMAGE'), String(error))
    })
    const found = await content
    if (found !== undefined) assert.is.not(await judge(found), 'ok', JSON.stringify(platform))
  }
})

const around = async (platform: object): Promise<string> =>
  judge(
    inMemory(async (target) => {
      const image = await pushOdd(target, good)
      return [{ ...(await pushEntries(target, [image])), platform }]
    }),
  )

test('an index within an index that is for another platform than what it holds is an error', async () => {
  assert.is(await around({ os: 'linux', architecture: 'amd64' }), 'ok')
  assert.is(await around({ os: 'linux', architecture: 'arm64' }), 'platform-mismatch')
  assert.is(await around({ os: 'unknown', architecture: 'unknown' }), 'platform-mismatch')
})

test('a platform or an entry that comes twice is compared twice', async () => {
  const twice = await inMemory(async (target) => {
    const entry = { ...(await pushOdd(target, good)), ...AMD64 }
    return [entry, entry]
  })
  const report = await checkIdentity(twice, released, { out, path: PATH })
  assert.ok(report.ok)
  assert.is(report.checked.length, 2)
  const under = inMemory(async (target) => {
    const image = await pushOdd(target, good)
    return [
      { ...image, ...AMD64 },
      { ...image, platform: { os: 'linux', architecture: 'arm64' } },
    ]
  })
  assert.match(await judge(under), 'platform-mismatch')
})

test('a base may list attestations, artifacts and platforms that nobody wants', async () => {
  const source = createMemory('base')
  const image = { ...(await pushOdd(source, { layers: [[]], config: { config: {} } })), ...AMD64 }
  const statement = { ...(await pushOdd(source, STATEMENT)), ...attests(image) }
  const unmarked = {
    ...(await pushOdd(source, { ...STATEMENT, configType: 'application/x' })),
    platform: { os: 'unknown', architecture: 'unknown' },
  }
  const chart = await pushOdd(source, {
    layers: [[]],
    layerType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
    configType: 'application/vnd.cncf.helm.config.v1+json',
  })
  const old = await pushBytes(
    source,
    'application/vnd.docker.distribution.manifest.v1+json',
    Buffer.from('{}'),
  )
  const windows = {
    ...(await pushOdd(source, { layers: [[]], config: { os: 'windows' }, layerType: 'x/y' })),
    platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.1' },
  }
  for (const type of [mediaTypes.index, mediaTypes.dockerIndex]) {
    const entries = [statement, unmarked, chart, old, windows, image]
    const base: Base = {
      reference: 'registry.example/base:1',
      descriptor: await pushEntries(source, entries, type),
      source,
    }
    const made = await assemble(release, released, { out, base, path: PATH })
    assert.is((await readImages(made.content)).length, 1)
    assert.is(await judge(made.content), 'ok')
  }
})

test.run()
