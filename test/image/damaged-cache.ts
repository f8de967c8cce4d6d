import { collect, openCache } from '@waybill/core'
import { assemble, type AssembledImage } from '@waybill/image'
import { testDamages, type Machine } from '../helpers/damage-cache.ts'
import { binaryArtifact, createBase, program, release } from '../helpers/images.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const make = async (machine: Machine, text: string): Promise<AssembledImage> => {
  const out = temporaryFolder('out')
  const binaries = [await binaryArtifact(out, 'linux/amd64', program('amd64', text))]
  const { env, logger } = machine
  const cache = await openCache(undefined, { env, logger })
  const options = { base: await createBase(), path: '/usr/bin/hello', out, cache }
  return assemble(release, binaries, options)
}

testDamages({
  name: 'an image',
  async make(machine, other = false) {
    const { descriptor, content } = await make(machine, other ? 'evil' : 'hello')
    // What would be sent: every blob, compared with its digest.
    for (const { descriptor: blob } of content.blobs) await collect(content.read(blob), 1e8, 'blob')
    return descriptor.digest
  },
})
