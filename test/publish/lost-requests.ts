// A registry that loses a blob, a manifest or a tag after any request of a publish; then the same is published again.
import type { Destination, WaybillError } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { testImage } from '../helpers/image.ts'
import { NAME, once, scene } from '../helpers/lossy.ts'

const test = suite('publish, to a registry that loses things')
const every = process.env['WAYBILL_FULL'] === '1' ? 1 : 7

// One platform, two layers of the base and one of its own.
const [before, image] = [
  testImage({ platforms: ['amd64'], seed: 'before' }),
  testImage({ platforms: ['amd64'], seed: 'now' }),
]
const VERSIONS = { first: '1.0.0', now: '1.0.1' } as const

const losses: Readonly<Record<string, string>> = {
  'a layer of the base': image.blobs[0]!.descriptor.digest,
  'the configuration': image.blobs[2]!.descriptor.digest,
  'its own layer': image.blobs[3]!.descriptor.digest,
  'the manifest of the platform': image.manifests[0]!.descriptor.digest,
  'the index': image.subject.digest,
  'the version': VERSIONS.now,
  'a line': '1.0',
  latest: 'latest',
  'the version before': VERSIONS.first,
}

interface Ended {
  readonly error?: WaybillError
  readonly codes: readonly string[]
  readonly requests: number
  /** Whether it was there to be lost. */
  readonly lost: boolean
}

const publishing = (
  version: string,
  content: typeof image,
  to: Readonly<Record<string, Destination>>,
) =>
  once(version, content, to).then(
    ({ findings }) => ({ codes: findings.map(({ code }) => code) }),
    (error: WaybillError) => ({ error, codes: [error.code] }),
  )

/** Publishes twice; the registry loses something after a request of the first time. */
async function lostAt(reference: string, at: number): Promise<Ended> {
  let count = -1
  let lost = false
  const here = await scene(1, {
    wrap: (next) => async (request) => {
      const reply = await next(request)
      if (count >= 0 && ++count === at) lost = await here.registries[0]!.lose(NAME, reference)
      return reply
    },
  })
  try {
    await once(VERSIONS.first, before, here.to)
    count = 0
    await publishing(VERSIONS.now, image, here.to)
    const requests = count
    count = -1
    const { codes, ...rest } = await publishing(VERSIONS.now, image, here.to)
    const to = here.to['r0']!
    const gone = await to.missing!([image.subject.digest])
    const names = await Promise.all(
      [VERSIONS.now, '1.0', '1', 'latest'].map((name) => to.observe(name).catch(() => undefined)),
    )
    const isWhole = gone.size === 0 && names.every((digest) => digest === image.subject.digest)
    assert.ok(isWhole || 'error' in rest, `${reference} lost after request ${at}: nothing was said`)
    // What was lost of an older version is not this run's; all of its own is there again.
    assert.ok(isWhole, `${reference} lost after request ${at}: ${codes.join(', ')}`)
    return { codes, requests, lost, ...rest }
  } finally {
    await here.close()
  }
}

for (const [index, [what, reference]] of Object.entries(losses).entries())
  test(`${what} is lost after any request: the next run ends with everything there`, async () => {
    let requests = Infinity
    let tried = 0
    for (let at = 1 + (index % every); at <= requests; at += every) {
      const ended = await lostAt(reference, at)
      requests = ended.requests
      if (ended.lost) tried++
    }
    assert.ok(tried > 0)
  })

test.run()
