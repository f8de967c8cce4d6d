// Reading and hashing a large file ends soon after a signal, wherever it is: released files, their archives, an image's layers.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { archive } from '@waybill/archive'
import { digestFile } from '@waybill/core'
import { loadContent, openLayout, writeLayout } from '@waybill/oci'
import { checkIdentity, describeBinaries, findArtifacts, assemble } from '@waybill/image'
import { suite } from 'uvu'
import { binaryArtifact, program } from '../helpers/images.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('cancelled reading')
const MEGABYTE = 1024 * 1024

/** A signal that is given a moment after something has begun. */
const soon = (): AbortSignal => AbortSignal.timeout(5)
const release = {
  component: 'large',
  path: '.',
  version: '1.0.0',
  tag: 'v1.0.0',
  commit: 'a'.repeat(40),
  created: 0,
}

const out = temporaryFolder('large')
const bytes = Buffer.concat([program('amd64'), randomBytes(96 * MEGABYTE)])
const binary = await binaryArtifact(out, 'linux/amd64', bytes, 'large')
const archives = await archive(release, [binary], { out, formats: ['tar.gz'] })
const image = await assemble(release, [binary], { out, base: 'scratch', path: '/large' })
const layout = join(out, 'layout')
await writeLayout(image.content, layout)

const cases: readonly (readonly [string, (signal: AbortSignal) => Promise<unknown>])[] = [
  ['digestFile', (signal) => digestFile(join(out, binary.path), signal)],
  [
    'describeBinaries',
    (signal) => describeBinaries({ 'linux/amd64': join(out, binary.path) }, { out, signal }),
  ],
  ['findArtifacts', (signal) => findArtifacts(out, { signal })],
  ['checkIdentity: a loose binary', (signal) => check([binary], signal)],
  ['checkIdentity: an archive', (signal) => check(archives, signal)],
]

async function check(artifacts: typeof archives, signal: AbortSignal): Promise<unknown> {
  const content = await loadContent(await openLayout(layout), image.descriptor)
  return checkIdentity(content, artifacts, { out, path: '/large', signal })
}

for (const [name, work] of cases)
  test(`${name} ends with ERR_CANCELLED`, async () => {
    await rejects(work(AbortSignal.abort()), 'ERR_CANCELLED')
    await rejects(work(soon()), 'ERR_CANCELLED')
  })

test.run()
