import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { CACHE_LIMIT } from '@waybill/core'
import { command, compile, prebuilt, zig, type CompileOptions } from '@waybill/compile'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { environment, folderOf, releaseOf } from '../helpers/compile.ts'
import { testWith } from '../helpers/needs.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('command and prebuilt')
const release = releaseOf('tool')

const options = (cwd: string, more: Partial<CompileOptions> = {}): CompileOptions => ({
  cwd,
  env: environment(),
  platforms: ['linux/amd64'],
  ...more,
})

// A script that copies this machine's `true`; what it sees goes into a file.
const SCRIPT = '#!/bin/sh\nenv > seen\nmkdir -p "$(dirname "$1")"\ncp /bin/true "$1"\n'

function scriptFolder(): string {
  const folder = folderOf({ 'build.sh': SCRIPT })
  execFileSync('chmod', ['+x', join(folder, 'build.sh')])
  return folder
}

test('runs a command, taking the file it declared', async () => {
  const cwd = scriptFolder()
  const line = ['./build.sh', 'made/{platform}/{binary}']
  const toolchain = command({ binary: 'tool', command: line, output: 'made/{platform}/tool' })
  const [artifact] = await compile(release, toolchain, options(cwd))
  assert.is(artifact!.path, 'linux-amd64/tool')
  const built = readFileSync(join(cwd, 'dist/linux-amd64/tool'))
  assert.ok(built.equals(readFileSync('/bin/true')))
})

test('does not take what it wrote itself for a changed source', async () => {
  const cwd = folderOf({
    'build.sh': '#!/bin/sh\necho >> "$1"\nmkdir -p made\ncp /bin/true made/tool\n',
  })
  execFileSync('chmod', ['+x', join(cwd, 'build.sh')])
  const runs = join(temporaryFolder('runs'), 'runs')
  const line = ['./build.sh', runs]
  const toolchain = command({ binary: 'tool', command: line, output: 'made/{binary}' })
  for (let time = 0; time < 2; time++) await compile(release, toolchain, options(cwd))
  assert.is(readFileSync(runs, 'utf8'), '\n')
})

test('a cache that grew too large forgets what was not used for long', async () => {
  const [cwd, cache] = [scriptFolder(), temporaryFolder('cache')]
  const built = join(cache, 'built')
  mkdirSync(built, { recursive: true })
  writeFileSync(join(built, 'old'), '')
  truncateSync(join(built, 'old'), CACHE_LIMIT)
  utimesSync(join(built, 'old'), 1_700_000_000, 1_700_000_000)
  const toolchain = command({ binary: 'tool', command: ['./build.sh', '{output}'] })
  await compile(release, toolchain, options(cwd, { cache }))
  assert.is(readdirSync(built).length, 2, 'the new result and its record')
})

test('lets only declared variables reach it, and the time of the commit', async () => {
  const cwd = scriptFolder()
  const env = {
    ...environment(),
    CFLAGS: '-O9',
    LANG: 'de_DE.UTF-8',
    TZ: 'Asia/Tokyo',
    TOKEN: 'secret',
  }
  const line = ['./build.sh', '{output}']
  const toolchain = command({ binary: 'tool', command: line, env: { DECLARED: 'yes' } })
  await compile(release, toolchain, options(cwd, { env }))
  const seen = readFileSync(join(cwd, 'seen'), 'utf8')
  assert.match(seen, /^DECLARED=yes$/m)
  assert.match(seen, /^SOURCE_DATE_EPOCH=1700000000$/m)
  assert.match(seen, /^TZ=UTC$/m)
  assert.not.match(seen, /CFLAGS|de_DE|Tokyo|secret/)
})

test('refuses a command that writes nothing, a missing one, and one file for several platforms', async () => {
  const cwd = scriptFolder()
  const silent = command({ binary: 'tool', command: ['true'] })
  await rejects(compile(release, silent, options(cwd)), 'ERR_BUILD_FAILED')
  const missing = command({ binary: 'tool', command: ['no-such-program-here'] })
  await rejects(compile(release, missing, options(cwd)), 'ERR_TOOL_MISSING')
  const shared = command({ binary: 'tool', command: ['true'], output: 'made/tool' })
  const platforms = ['linux/amd64', 'linux/arm64']
  await rejects(compile(release, shared, options(cwd, { platforms })), 'ERR_INVALID_OPTION')
  const unknown = command({ binary: 'tool', command: ['true', '{plattform}'] })
  const error = await rejects(compile(release, unknown, options(cwd)), 'ERR_UNKNOWN_VARIABLE')
  assert.match(error.message, /\{platform\}|"platform"/)
})

test('takes prebuilt binaries and notices when they change', async () => {
  const cwd = temporaryFolder()
  mkdirSync(join(cwd, 'bin/linux-amd64'), { recursive: true })
  const file = join(cwd, 'bin/linux-amd64/tool')
  const toolchain = prebuilt({ binary: 'tool', from: 'bin/{platform}/tool' })
  copyFileSync('/bin/true', file)
  const [first] = await compile(release, toolchain, options(cwd))
  copyFileSync('/bin/false', file)
  const [second] = await compile(release, toolchain, options(cwd))
  assert.is.not(first!.digest, second!.digest)
  const platforms = ['linux/arm64']
  const error = await rejects(
    compile(release, toolchain, options(cwd, { platforms })),
    'ERR_PREBUILT_MISSING',
  )
  assert.match(error.message, /bin\/linux-arm64\/tool/)
})

testWith(test, ['zig'], 'refuses swapped architectures, whatever the file is called', async () => {
  const cwd = folderOf({ 'a.c': 'int main(void) { return 0; }\n' })
  const platforms = ['linux/amd64', 'linux/arm64']
  await compile(release, zig({ binary: 'tool' }), options(cwd, { platforms, out: 'bin' }))
  renameSync(join(cwd, 'bin/linux-amd64'), join(cwd, 'bin/kept'))
  renameSync(join(cwd, 'bin/linux-arm64'), join(cwd, 'bin/linux-amd64'))
  renameSync(join(cwd, 'bin/kept'), join(cwd, 'bin/linux-arm64'))
  const toolchain = prebuilt({ binary: 'tool', from: 'bin/{platform}/tool' })
  for (const [platform, machine] of [
    ['linux/amd64', 'aarch64'],
    ['linux/arm64', 'x86_64'],
  ] as const) {
    const error = await rejects(
      compile(release, toolchain, options(cwd, { platforms: [platform] })),
      'ERR_WRONG_PLATFORM',
    )
    assert.match(error.message, new RegExp(`for ${platform}.*machine ${machine}`))
  }
})

test('a pipe or a folder is no prebuilt binary', async () => {
  for (const make of [(path: string) => execFileSync('mkfifo', [path]), mkdirSync]) {
    const cwd = temporaryFolder('prebuilt')
    make(join(cwd, 'tool'))
    const toolchain = prebuilt({ binary: 'tool', from: 'tool' })
    const building = compile(release, toolchain, options(cwd))
    assert.match((await rejects(building, 'ERR_PREBUILT_MISSING')).message, 'expected a file at')
  }
})

test('refuses a dynamic prebuilt where a static one was promised', async () => {
  const cwd = temporaryFolder()
  copyFileSync('/bin/true', join(cwd, 'tool'))
  const toolchain = prebuilt({ binary: 'tool', from: 'tool', static: true })
  await rejects(compile(release, toolchain, options(cwd)), 'ERR_NOT_STATIC')
  const floor = prebuilt({ binary: 'tool', from: 'tool', glibc: '2.3' })
  const error = await rejects(compile(release, floor, options(cwd)), 'ERR_ABOVE_FLOOR')
  assert.match(error.message, /GLIBC_2\.\d+ of libc\.so\.6/)
  const bare = prebuilt({ binary: 'tool', from: 'tool', libraries: [] })
  const found = await rejects(compile(release, bare, options(cwd)), 'ERR_UNEXPECTED_LIBRARY')
  assert.match(found.message, /libc\.so\.6/)
})

test.run()
