import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { inspect } from '@waybill/binary'
import { compile, go, type CompileOptions } from '@waybill/compile'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { copyExample, environment, folderOf, releaseOf } from '../helpers/compile.ts'
import { testWith } from '../helpers/needs.ts'
import { rejects } from '../helpers/rejects.ts'

const test = suite('go')
const release = releaseOf('clock')
const toolchain = go({ binary: 'clock', versionDefine: 'main.version' })

const MODULE = 'module example.org/clock\n\ngo 1.21\n'
const PROGRAM = 'package main\n\nvar version = "dev"\n\nfunc main() { println("clock", version) }\n'

const options = (cwd: string, more: Partial<CompileOptions> = {}): CompileOptions => ({
  cwd,
  env: environment(),
  platforms: ['linux/amd64'],
  ...more,
})

testWith(test, ['go', 'qemu'], 'builds static programs for four platforms', async () => {
  const cwd = copyExample('go-service')
  const platforms = ['linux/amd64', 'linux/arm64', 'darwin/arm64', 'windows/amd64']
  const artifacts = await compile(release, toolchain, options(cwd, { platforms }))
  assert.equal(
    artifacts.map(({ path }) => path),
    ['linux-amd64/clock', 'linux-arm64/clock', 'darwin-arm64/clock', 'windows-amd64/clock.exe'],
  )
  const arm = join(cwd, 'dist/linux-arm64/clock')
  assert.is((await inspect(arm)).interpreter, null)
  assert.is(execFileSync('qemu-aarch64', [arm, '--version'], { encoding: 'utf8' }), 'clock 1.2.3\n')
})

testWith(test, ['go'], 'W2: the same source makes the same bytes in another folder', async () => {
  const digests: string[] = []
  for (const name of ['one', 'another folder']) {
    const source = folderOf({ [`${name}/go.mod`]: MODULE, [`${name}/main.go`]: PROGRAM })
    const cwd = join(source, name)
    // A machine's own flags stay outside; a cache of its own makes Go really build again.
    const env = {
      ...environment(),
      GOFLAGS: '-race',
      GOAMD64: 'v3',
      GOCACHE: join(source, 'cache'),
    }
    const [artifact] = await compile(release, toolchain, options(cwd, { env }))
    const facts = await inspect(join(cwd, 'dist', artifact!.path))
    assert.is(facts.linkage, 'static')
    assert.is(facts.interpreter, null)
    assert.is(facts.go?.settings['CGO_ENABLED'], '0')
    assert.is(facts.go?.settings['-trimpath'], 'true')
    assert.is(facts.go?.settings['GOAMD64'], 'v1')
    digests.push(artifact!.digest)
  }
  assert.is(digests[0], digests[1])
})

testWith(test, ['go'], 'refuses a program with cgo, which is not static', async () => {
  const cwd = folderOf({
    'go.mod': 'module example.org/cgo\n\ngo 1.21\n',
    'main.go':
      'package main\n\n// int one(void) { return 1; }\nimport "C"\n\nfunc main() { println(C.one()) }\n',
  })
  const cgo = go({ binary: 'cgo', env: { CGO_ENABLED: '1' } })
  const error = await rejects(compile(release, cgo, options(cwd)), 'ERR_NOT_STATIC')
  assert.match(error.message, /libc\.so\.6/)
})

testWith(test, ['go'], 'joins linker flags to its own', async () => {
  const cwd = copyExample('go-service')
  const flags = ['-ldflags=-X main.motto=onward']
  const named = go({ binary: 'clock', versionDefine: 'main.version', flags })
  await compile(release, named, options(cwd))
  const file = join(cwd, 'dist/linux-amd64/clock')
  assert.is(execFileSync(file, ['--version'], { encoding: 'utf8' }), 'clock 1.2.3\n')
})

testWith(test, ['go'], 'holds to a pinned version of the tool', async () => {
  const cwd = copyExample('go-service')
  const pinned = go({ binary: 'clock', toolVersion: '1.0.0' })
  const error = await rejects(compile(release, pinned, options(cwd)), 'ERR_TOOL_VERSION')
  assert.match(error.message, /expected version 1\.0\.0, found 1\./)
})

test.run()
