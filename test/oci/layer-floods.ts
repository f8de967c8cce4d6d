// Layers of more members than any image has: reading them ends with an error before the memory does. In a process of its own each, whose
// memory is measured.
import { isWaybillError } from '@waybill/core'
import { readFile, type Layer } from '@waybill/oci'
import type { TarEntry } from '@waybill/archive'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runNode } from '../helpers/cli.ts'
import { peakMemory } from '../helpers/memory.ts'

const test = suite('layer floods')
const MAX_MEMORY = 400

const file = { type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0 } as const
const member = (path: string, more: Partial<TarEntry> = {}): TarEntry => ({
  ...file,
  path,
  // oxlint-disable-next-line require-yield
  content: (async function* () {})(),
  ...more,
})
const link = (n: number, linkname: string): TarEntry =>
  member(`l${n}`, { type: 'symlink', linkname })
const deep = Array.from({ length: 500 }, () => 'd').join('/')

// How many, and what each of them is.
const floods: Readonly<Record<string, readonly [number, (n: number) => TarEntry]>> = {
  files: [420_000, (n) => member(`f${n}`)],
  'folders that are only implied': [3000, (n) => member(`${n}/${deep}/f`)],
  'long names': [20_000, (n) => member(`${n}${'x'.repeat(4000)}`)],
  'long targets': [20_000, (n) => link(n, `${n}${'x'.repeat(4000)}`)],
  'names beyond any path': [10, (n) => member(`${n}${'/x'.repeat(100_000)}`)],
  'targets beyond any path': [10, (n) => link(n, `${n}${'/x'.repeat(100_000)}`)],
}

async function endOf(name: string): Promise<string> {
  const layer = {
    descriptor: { mediaType: 'x', digest: `sha256:${'0'.repeat(64)}`, size: 1 },
    diffId: `sha256:${'0'.repeat(64)}`,
    open: () => {
      throw new Error('nobody reads the bytes')
    },
    async *entries() {
      const [count, make] = floods[name]!
      // A link may lead the path elsewhere, so the whole tree has to be made.
      yield link(-1, 'elsewhere')
      for (let n = 0; n < count; n++) yield make(n)
    },
  } as Layer
  try {
    await readFile({ layers: [layer] }, '/nothing')
    return 'read'
  } catch (error) {
    return isWaybillError(error) ? error.code : String(error)
  }
}

const [, , asked] = process.argv
if (asked === undefined) {
  for (const name of Object.keys(floods)) {
    test(`too many or too long: ${name}`, async () => {
      const { stdout, stderr } = await runNode([import.meta.filename, name])
      assert.is.not(stdout, '', stderr)
      const { end, memory } = JSON.parse(stdout) as { end: string; memory: number }
      assert.is(end, 'ERR_TOO_LARGE')
      assert.ok(memory < MAX_MEMORY, `${memory} MB`)
    })
  }
  test.run()
} else {
  const end = await endOf(asked)
  process.stdout.write(JSON.stringify({ end, memory: peakMemory() }))
}
