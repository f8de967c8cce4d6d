import type { TarInput } from '@waybill/archive'
import type { Descriptor } from '@waybill/core'
import { createMemory } from '@waybill/oci'
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

test.run()
