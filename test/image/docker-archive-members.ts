import type { TarInput } from '@waybill/archive'
import { digestOf, type Descriptor } from '@waybill/core'
import { createMemory, mediaTypes } from '@waybill/oci'
import { readDockerArchive } from '@waybill/image'
import { suite } from 'uvu'
import { archiveOf, doc, tarOf, type Made } from '../helpers/docker-archives.ts'
import { file, program, rootfs } from '../helpers/images.ts'
import { rejects } from '../helpers/rejects.ts'

const test = suite('members of a docker archive')
const good: Made = { layers: [rootfs, [file(program('amd64'))]] }
const read = (bytes: Buffer): Promise<Descriptor> =>
  readDockerArchive(
    (async function* () {
      yield bytes
    })(),
    createMemory(),
  )

/** An archive with members more at its end, as a program that only appends would write it. */
const appended = async (more: readonly TarInput[]): Promise<Buffer> => {
  const all = [await archiveOf(good), await tarOf(more)]
  return Buffer.concat([all[0]!.subarray(0, -1024), all[1]!])
}

test('refuses a member that comes twice and differs: programs disagree on which of the two counts', async () => {
  const evil = file(program('amd64', 'evil'))
  const layer = await tarOf([evil])
  const twice: readonly (readonly TarInput[])[] = [
    [doc('manifest.json', [])],
    [doc('config.json', { os: 'linux' })],
    [{ path: '1/layer.tar', type: 'file', size: layer.byteLength, content: layer }],
    [doc('1/layer.tar', 'a document')],
    [{ path: 'config.json', type: 'file', size: layer.byteLength, content: layer }],
    [{ path: 'config.json', type: 'symlink', linkname: 'other.json' }],
    [{ path: '1/layer.tar', type: 'hardlink', linkname: '0/layer.tar' }],
    [{ path: 'manifest.json', type: 'symlink', linkname: 'x.json' }],
  ]
  for (const [at, more] of twice.entries()) {
    await rejects(read(await appended(more)), 'ERR_INVALID_IMAGE').catch((error: unknown) => {
      throw new Error(String(at), { cause: error })
    })
  }
  const same = await tarOf(good.layers[1]!)
  const again = { path: '1/layer.tar', type: 'file', size: same.byteLength, content: same } as const
  await read(await appended([again]))
})

// What docker 25 and later write, and containerd: one archive that is an OCI layout as well.
const blob = (content: Uint8Array): TarInput => ({
  path: `blobs/sha256/${digestOf(content).slice(7)}`,
  type: 'file',
  size: content.byteLength,
  content,
})
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const named = (mediaType: string, content: Uint8Array): object => ({
  mediaType,
  digest: digestOf(content),
  size: content.byteLength,
})

interface Both {
  /** What the layers of the manifest that the index leads to hold. */
  readonly layers?: Made['layers']
  readonly config?: object
  readonly wrap?: 'nested' | 'attestation' | 'unknown'
  readonly absent?: boolean
}

/** The members of a layout beside `manifest.json`. */
async function layoutOf({ layers = good.layers, config, wrap, absent }: Both): Promise<TarInput[]> {
  const tars = await Promise.all(layers.map(tarOf))
  const configBytes = json(
    config ?? {
      architecture: 'amd64',
      os: 'linux',
      created: '2020-01-01T00:00:00Z',
      config: { Entrypoint: ['/usr/bin/hello'] },
      rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
      history: tars.map(() => ({ created: '2020-01-01T00:00:00Z' })),
    },
  )
  const manifest = json({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: named(mediaTypes.config, configBytes),
    layers: tars.map((tar) => named('application/vnd.oci.image.layer.v1.tar', tar)),
  })
  const platform = wrap === 'unknown' ? { os: 'unknown', architecture: 'unknown' } : undefined
  const entry = { ...named(mediaTypes.manifest, manifest), ...(platform && { platform }) }
  const nested = json({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [entry] })
  const top = wrap === 'nested' ? named(mediaTypes.index, nested) : entry
  const blobs = [configBytes, manifest, nested, ...tars].map(blob)
  return [
    ...(absent === true ? [] : blobs),
    doc('oci-layout', { imageLayoutVersion: '1.0.0' }),
    doc('index.json', { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [top] }),
  ]
}

test('an archive that is a layout as well has one meaning', async () => {
  for (const same of [{}, { wrap: 'nested' }, { absent: true }] as const)
    await read(await appended(await layoutOf(same)))
})

test('refuses one whose index.json leads to another image than manifest.json', async () => {
  const evil: Made['layers'] = [rootfs, [file(program('amd64', 'evil'))]]
  const others: readonly Both[] = [
    { layers: evil },
    { layers: evil, wrap: 'nested' },
    { layers: evil, wrap: 'unknown' },
    { layers: [rootfs] },
    { layers: [...good.layers, evil[1]!] },
    { config: { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } } },
  ]
  for (const other of others)
    await rejects(read(await appended(await layoutOf(other))), 'ERR_INVALID_IMAGE')
})

test('refuses a document that is not what its name says', async () => {
  const [, manifest] = await layoutOf({})
  const other = { ...manifest!, ...doc('x', { schemaVersion: 2 }), path: manifest!.path }
  const more = (await layoutOf({})).map((one) => (one.path === manifest!.path ? other : one))
  await rejects(read(await appended(more)), 'ERR_DIGEST_MISMATCH')
})

test.run()
