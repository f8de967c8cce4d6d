// Objects that speak for files, and say other things than the files: what counts is what was read.
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { archive } from '@waybill/archive'
import { digestOf, type Artifact, type ProvenImage } from '@waybill/core'
import {
  assemble,
  checkIdentity,
  describeBinaries,
  findArtifacts,
  proveIdentity,
  readArtifacts,
  type ReadArtifacts,
} from '@waybill/image'
import {
  binaryArtifact,
  contentOf,
  file,
  program,
  release as imageRelease,
  rootfs,
  type TestImage,
} from '../helpers/images.ts'
import { rejects } from '../helpers/rejects.ts'
import { errors } from '../helpers/released-hello.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('sealed inputs')
const PATH = '/usr/bin/hello'
const GOOD = program('amd64', 'good')
const EVIL = program('amd64', 'evil')

const image = (binary: Uint8Array): TestImage[] => [
  { platform: 'linux/amd64', layers: [rootfs, [file(binary)]] },
]

interface Released {
  readonly out: string
  readonly released: readonly Artifact[]
}

async function releasedGood(): Promise<Released> {
  const out = temporaryFolder('released')
  const binary = await binaryArtifact(out, 'linux/amd64', GOOD)
  return { out, released: await archive(imageRelease, [binary], { formats: ['tar.gz'], out }) }
}

test('an artifact whose digest is changed after its bytes were read, before it is packed', async () => {
  const folder = temporaryFolder('packed')
  writeFileSync(join(folder, 'hello'), EVIL)
  const { out, released } = await releasedGood()
  const lies: readonly ((artifact: Artifact) => Artifact)[] = [
    (artifact) => Object.assign(artifact, { digest: digestOf(GOOD), size: GOOD.byteLength }),
    (artifact) => {
      let count = 0
      const digests = [digestOf(EVIL), digestOf(EVIL), digestOf(GOOD)]
      return Object.defineProperty(artifact, 'digest', {
        get: () => digests[Math.min(count++, 2)],
        enumerable: true,
      })
    },
  ]
  for (const lie of lies) {
    const [artifact] = await describeBinaries(
      { 'linux/amd64': join(folder, 'hello') },
      { out: folder },
    )
    const work = async (): Promise<ProvenImage> => {
      const made = await assemble(imageRelease, [lie(artifact!)], {
        base: 'scratch',
        path: PATH,
        out: folder,
      })
      return proveIdentity(made, released, { out })
    }
    const error = await rejects(work(), 'ERR_DIGEST_MISMATCH').catch(() =>
      rejects(work(), 'ERR_NOT_IDENTICAL'),
    )
    assert.ok(error)
  }
})

test('released files that speak for themselves are read all the same', async () => {
  const { out, released } = await releasedGood()
  const evil = await contentOf(image(EVIL))
  const options = { out, path: PATH }
  const read = await readArtifacts(released, { out })
  const [candidate] = read.candidates
  const forged: Readonly<Record<string, () => ReadArtifacts>> = {
    'made by hand': () => ({
      artifacts: released,
      candidates: [{ ...candidate!, digest: digestOf(EVIL) }],
      findings: [],
      listed: new Set(released),
    }),
    'a spread with another candidate': () => ({
      ...read,
      candidates: [{ ...candidate!, digest: digestOf(EVIL) }],
    }),
    'a proxy': () =>
      new Proxy({ ...read, candidates: [{ ...candidate!, digest: digestOf(EVIL) }] }, {}),
    'the list changed in place': () => {
      ;(read.candidates as unknown[]).splice(0, 9, { ...candidate!, digest: digestOf(EVIL) })
      return read
    },
    'the set of those that are listed changed': () => {
      ;(read.listed as Set<Artifact>).clear()
      return read
    },
  }
  for (const [name, make] of Object.entries(forged))
    await rejects(proveIdentity(evil, make(), options), 'ERR_NOT_IDENTICAL').catch(
      (error: unknown) => {
        throw new Error(name, { cause: error })
      },
    )
  const good = await contentOf(image(GOOD))
  assert.ok((await checkIdentity(good, read, options)).ok)
  assert.throws(() => Object.assign(candidate!, { digest: digestOf(EVIL) }), TypeError)
})

test('a finding that is taken out of what was read still counts', async () => {
  const { out, released } = await releasedGood()
  const sums = released.find(({ name }) => name === 'SHA256SUMS')
  if (sums === undefined) throw new Error('no SHA256SUMS')
  writeFileSync(join(out, sums.path), `${'0'.repeat(64)}  hello-linux-amd64.tar.gz\n`)
  const found = await findArtifacts(out)
  const read = await readArtifacts(found.artifacts, { out: found.folder })
  ;(read.findings as unknown[]).splice(0, 9)
  const report = await checkIdentity(await contentOf(image(GOOD)), read, { out, path: PATH })
  assert.ok(errors(report).includes('checksum-mismatch'), JSON.stringify([report, found.artifacts]))
})

test('a SHA256SUMS that was swapped after it was made', async () => {
  const { out, released } = await releasedGood()
  const sums = released.find(({ name }) => name === 'SHA256SUMS')!
  appendFileSync(join(out, sums.path), '\n')
  const work = proveIdentity(await contentOf(image(GOOD)), released, { out, path: PATH })
  const error = await rejects(work, 'ERR_DIGEST_MISMATCH')
  assert.ok(error.message.includes('SHA256SUMS'), error.stack)
})

test.run()
