// The golden digests, made on every other Node line and on another machine; and what the command line makes there.
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { run, waybill } from '../helpers/cli.ts'
import { testWith } from '../helpers/needs.ts'
import { nodeOf } from '../helpers/nodes.ts'
import { COMMIT, createReleasedImage } from '../helpers/released-image.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('digests on other Nodes')

for (const line of ['22', '24', 'latest'] as const) {
  testWith(test, [`node-${line}`], `Node ${line}: the same golden digests`, async () => {
    const result = await run(nodeOf(line), [join(import.meta.dirname, 'golden.js')])
    assert.is(result.code, 0, result.stdout + result.stderr)
    assert.match(result.stdout, /Passed:\s+3/)
  })

  testWith(
    test,
    [`node-${line}`],
    `Node ${line}: the command line makes the same image`,
    async () => {
      const { artifacts, digest } = await createReleasedImage()
      const binaries = ['amd64', 'arm64'].flatMap((architecture) => [
        '--binary',
        `linux/${architecture}=${join(artifacts, `app-${architecture}`)}`,
      ])
      const out = join(temporaryFolder('other-node'), 'layout')
      const words = ['image', ...binaries, '--base', 'scratch', '--path', '/app', '--out', out]
      const commit = ['--commit', COMMIT]
      const made = await waybill([...words, ...commit, '--json'], {
        node: nodeOf(line),
        cwd: temporaryFolder('no-cache'),
      })
      assert.is(made.code, 0, made.stderr)
      assert.is(made.json()['digest'], digest)
    },
  )
}

// Compression libraries have code of their own for each machine.
testWith(
  test,
  ['node-arm64', 'qemu', 'gcc-aarch64'],
  'an arm64 machine: the same golden digests',
  async () => {
    const words = ['-L', '/usr/aarch64-linux-gnu', nodeOf('arm64')]
    const result = await run('qemu-aarch64', [...words, join(import.meta.dirname, 'golden.js')])
    assert.is(result.code, 0, result.stdout + result.stderr)
    assert.match(result.stdout, /Passed:\s+3/)
  },
)

test.run()
