import { execFileSync } from 'node:child_process'
import { readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { isWaybillError } from '@waybill/core'
import { bun, compile, deno, nodeSea, type CompileOptions } from '@waybill/compile'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { copyExample, environment, folderOf, releaseOf } from '../helpers/compile.ts'
import { testWith } from '../helpers/needs.ts'
import { rejects } from '../helpers/rejects.ts'

const test = suite('bun, deno and node-sea')
const release = releaseOf('greeter')

const options = (cwd: string, more: Partial<CompileOptions> = {}): CompileOptions => ({
  cwd,
  env: environment(),
  platforms: ['linux/amd64'],
  ...more,
})
const run = (file: string): string => execFileSync(file, ['--version'], { encoding: 'utf8' })

testWith(
  test,
  ['bun'],
  'bun: compiles TypeScript with the version, the same bytes twice',
  async () => {
    const toolchain = bun({ binary: 'greeter', entry: 'main.ts', versionDefine: 'VERSION' })
    const digests: string[] = []
    for (let time = 0; time < 2; time++) {
      const cwd = copyExample('typescript-service')
      const [artifact] = await compile(release, toolchain, options(cwd))
      assert.is(run(join(cwd, 'dist', artifact!.path)), 'greeter 1.2.3\n')
      digests.push(artifact!.digest)
    }
    assert.is(digests[0], digests[1])
  },
)

testWith(
  test,
  ['deno'],
  'deno: compiles, or says clearly that its runtime could not be fetched',
  async () => {
    const cwd = folderOf({ 'main.js': "console.log('greeter 1.2.3')\n" })
    const building = compile(release, deno({ binary: 'greeter', entry: 'main.js' }), options(cwd))
    const error = await building.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (error === undefined)
      return assert.is(run(join(cwd, 'dist/linux-amd64/greeter')), 'greeter 1.2.3\n')
    assert.ok(isWaybillError(error, 'ERR_RUNTIME_MISSING'), String(error))
    assert.match(error.hint ?? '', /deno compile downloads a runtime/)
  },
)

// Deno itself, upon another program in the place of its runtime: all but running the result.
testWith(
  test,
  ['deno'],
  'deno: makes the same bytes of files of another time, in another folder',
  async () => {
    const env = { DENORT_BIN: '/bin/true' }
    const toolchain = deno({ binary: 'greeter', entry: 'src/main.js', env })
    const digests: string[] = []
    for (const seconds of [1_600_000_000, 1_650_000_000]) {
      const cwd = folderOf({
        'src/main.js': "import { name } from '../lib/name.js'\nconsole.log(name)\n",
        'lib/name.js': "export const name = 'greeter 1.2.3'\n",
      })
      for (const path of ['src/main.js', 'lib/name.js'])
        utimesSync(join(cwd, path), seconds, seconds)
      const [artifact] = await compile(release, toolchain, options(cwd))
      const program = readFileSync(join(cwd, 'dist', artifact!.path))
      assert.ok(program.includes("'greeter 1.2.3'") && !program.includes(cwd))
      digests.push(artifact!.digest)
    }
    assert.is(digests[0], digests[1])
  },
)

testWith(
  test,
  ['postject'],
  'node-sea: puts a script into a copy of Node, the same bytes twice',
  async () => {
    const digests: string[] = []
    for (let time = 0; time < 2; time++) {
      const cwd = folderOf({ 'main.cjs': "console.log('greeter 1.2.3')\n" })
      const toolchain = nodeSea({ binary: 'greeter', entry: 'main.cjs' })
      const [artifact] = await compile(release, toolchain, options(cwd, { cache: false }))
      assert.is(run(join(cwd, 'dist', artifact!.path)), 'greeter 1.2.3\n')
      digests.push(artifact!.digest)
    }
    assert.is(digests[0], digests[1])
  },
)

testWith(test, ['postject'], 'node-sea: wants a Node for another platform', async () => {
  const cwd = folderOf({ 'main.cjs': '' })
  const toolchain = nodeSea({ binary: 'greeter', entry: 'main.cjs' })
  const platforms = ['linux/arm64']
  await rejects(compile(release, toolchain, options(cwd, { platforms })), 'ERR_RUNTIME_MISSING')
})

test('wants an entry, and a platform that has a runtime', async () => {
  const cwd = folderOf({ 'main.ts': '' })
  const platforms = ['linux/s390x']
  const toolchain = bun({ binary: 'greeter', entry: 'main.ts' })
  await rejects(
    () => toolchain.target({ os: 'linux', architecture: 's390x' }),
    'ERR_UNSUPPORTED_TARGET',
  )
  const env = { PATH: '/nowhere' }
  const missing = compile(release, toolchain, options(cwd, { platforms, env }))
  await rejects(missing, 'ERR_TOOL_MISSING')
})

test.run()
