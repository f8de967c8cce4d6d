import { collect } from '@waybill/core'
import { makeBase } from '@waybill/debian'
import { readImages } from '@waybill/oci'
import { suite } from 'uvu'
import { testDamages } from '../helpers/damage-cache.ts'
import { packages, platforms } from '../helpers/debian-base.ts'
import { startMirror } from '../helpers/debian-mirror.ts'

const mirror = await startMirror()
await mirror.publish('debian', 'trixie', packages)
await mirror.publish('debian-security', 'trixie-security', [])

testDamages({
  name: 'a base',
  async make({ env, logger }, other = false) {
    const base = await makeBase('base-nossl', {
      platforms,
      suite: 'trixie',
      user: other ? 'root' : 'nonroot',
      mirror: `${mirror.url}/debian`,
      aptFolder: '/nowhere',
      keyrings: [],
      env,
      logger: {
        ...logger,
        warn: (text) => (text.includes('cache') ? logger.warn(text) : undefined),
      },
    })
    const content = { subject: base.descriptor, read: base.source.fetch }
    for (const image of await readImages(content))
      for (const { descriptor } of image.layers)
        await collect(base.source.fetch(descriptor), 1e8, 'layer')
    return base.descriptor.digest
  },
})

// Files are run one after the other.
const last = suite('the mirror')
last('ends', () => mirror.close())
last.run()
