import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf, type Progress } from '@waybill/core'
import { inspect } from '@waybill/binary'
import { compile, zig, type CompileOptions } from '@waybill/compile'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { copyExample, environment, folderOf, releaseOf } from '../helpers/compile.ts'
import { testWith } from '../helpers/needs.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('zig')
const release = releaseOf('hello')
const glibc = zig({ binary: 'hello', glibc: '2.28', versionDefine: 'VERSION' })

const options = (cwd: string, more: Partial<CompileOptions> = {}): CompileOptions => ({
  cwd,
  env: environment(),
  platforms: ['linux/amd64'],
  ...more,
})

testWith(test, ['zig', 'qemu'], 'builds the example for two machines on glibc 2.28', async () => {
  const cwd = copyExample('hello/services/hello')
  const platforms = ['linux/amd64', 'linux/arm64']
  const artifacts = await compile(release, glibc, options(cwd, { platforms }))
  assert.equal(
    artifacts.map(({ path }) => path),
    ['linux-amd64/hello', 'linux-arm64/hello'],
  )
  assert.equal(
    artifacts.map(({ triple }) => triple),
    ['x86_64-unknown-linux-gnu', 'aarch64-unknown-linux-gnu'],
  )
  for (const { path, digest, size } of artifacts) {
    const file = join(cwd, 'dist', path)
    assert.is(statSync(file).mode & 0o777, 0o755)
    assert.is(statSync(file).size, size)
    assert.is(digestOf(readFileSync(file)), digest)
    const facts = await inspect(file)
    assert.equal(
      facts.needed.filter((library) => !/^(libc\.so\.6|ld-linux)/.test(library)),
      [],
    )
  }
  const run = execFileSync(join(cwd, 'dist/linux-amd64/hello'), ['--version'], { encoding: 'utf8' })
  assert.is(run, 'hello 1.2.3\n')
})

testWith(test, ['zig', 'qemu'], 'builds static programs, which run under qemu too', async () => {
  const cwd = copyExample('hello/services/hello')
  const toolchain = zig({ binary: 'hello', static: true, versionDefine: 'VERSION' })
  const platforms = ['linux/amd64', 'linux/arm64']
  const artifacts = await compile(release, toolchain, options(cwd, { platforms }))
  assert.equal(
    artifacts.map(({ triple }) => triple),
    ['x86_64-unknown-linux-musl', 'aarch64-unknown-linux-musl'],
  )
  const arm = join(cwd, 'dist/linux-arm64/hello')
  assert.is((await inspect(arm)).linkage, 'static')
  assert.is(execFileSync('qemu-aarch64', [arm, '--version'], { encoding: 'utf8' }), 'hello 1.2.3\n')
})

testWith(test, ['zig'], 'builds for darwin and windows as well', async () => {
  const cwd = folderOf({ 'a.c': 'int main(void) { return 0; }\n' })
  const platforms = ['darwin/arm64', 'windows/amd64']
  const artifacts = await compile(release, zig({ binary: 'a' }), options(cwd, { platforms }))
  const facts = await Promise.all(artifacts.map(({ path }) => inspect(join(cwd, 'dist', path))))
  assert.equal(
    facts.map(({ format, platform }) => [format, platform]),
    [
      ['macho', 'darwin/arm64'],
      ['pe', 'windows/amd64'],
    ],
  )
  assert.equal(
    artifacts.map(({ name, triple }) => [name, triple]),
    [
      ['a', 'aarch64-apple-darwin'],
      ['a.exe', 'x86_64-pc-windows-gnu'],
    ],
  )
})

testWith(test, ['zig'], 'makes the same bytes in another folder, time zone and umask', async () => {
  const digests: string[] = []
  for (const zone of ['Asia/Tokyo', 'America/Lima']) {
    const cwd = copyExample('hello/services/hello')
    const env = { ...environment(), TZ: zone, LANG: 'de_DE.UTF-8', CFLAGS: '-O0 -g' }
    const before = process.umask(zone === 'Asia/Tokyo' ? 0o077 : 0o002)
    const [artifact] = await compile(release, glibc, options(cwd, { env }))
    process.umask(before)
    digests.push(artifact!.digest)
  }
  assert.is(digests[0], digests[1])
})

testWith(
  test,
  ['zig'],
  'does not build an unchanged source again, and a changed one does',
  async () => {
    const cwd = folderOf({ 'a.c': 'int main(void) { return 0; }\n' })
    const notes: (string | undefined)[] = []
    const progress: Progress = {
      start: () => ({ update: () => {}, succeed: (note) => notes.push(note), fail: () => {} }),
    }
    const build = (more = {}): Promise<unknown> =>
      compile(release, zig({ binary: 'a', ...more }), options(cwd, { progress }))
    await build()
    await build()
    await build({ defines: { MORE: '1' } })
    assert.match(notes[0] ?? '', /bytes/)
    assert.is(notes[1], 'unchanged')
    assert.match(notes[2] ?? '', /bytes/)
  },
)

testWith(test, ['zig'], 'refuses a floor it does not know, before building', async () => {
  const cwd = folderOf({ 'a.c': 'this is not C' })
  const future = zig({ binary: 'a', glibc: '2.99' })
  const error = await rejects(compile(release, future, options(cwd)), 'ERR_UNKNOWN_GLIBC')
  assert.match(error.message, /2\.99/)
  const platforms = ['linux/arm64']
  const early = zig({ binary: 'a', glibc: '2.12' })
  const never = await rejects(
    compile(release, early, options(cwd, { platforms })),
    'ERR_UNKNOWN_GLIBC',
  )
  assert.match(never.message, /2\.17/)
})

testWith(
  test,
  ['zig'],
  'names a source that is not there, is a folder, or was not named',
  async () => {
    const cwd = folderOf({ 'b/a.c': 'int main(void) { return 0; }\n' })
    const refuses = async (sources?: string[]): Promise<string> =>
      (
        await rejects(
          compile(release, zig({ binary: 'a', sources }), options(cwd)),
          'ERR_NO_SOURCES',
        )
      ).message
    assert.match(await refuses(['b/a.c', 'lost.c']), /lost\.c/)
    assert.match(await refuses(['b']), /"b"/)
    assert.match(await refuses([]), /names no file/)
    assert.match(await refuses(), /No \.c file/)
  },
)

testWith(test, ['zig'], "shows a failed target's whole output", async () => {
  const cwd = folderOf({ 'a.c': `${'#warning one line of many\n'.repeat(30)}#error the end\n` })
  const error = await rejects(
    compile(release, zig({ binary: 'a' }), options(cwd)),
    'ERR_BUILD_FAILED',
  )
  assert.is(
    error.message.match(/one line of many \[/g)?.length ?? error.message.match(/warning:/g)?.length,
    30,
  )
  assert.match(error.message, /the end/)
})

testWith(test, ['zig'], 'goes on without an optional platform, and says so', async () => {
  const cwd = folderOf({
    'a.c': '#ifdef __aarch64__\n#error no\n#endif\nint main(void) { return 0; }\n',
  })
  const findings: string[] = []
  const artifacts = await compile(release, zig({ binary: 'a' }), {
    ...options(cwd, { platforms: ['linux/amd64', 'linux/arm64'], optional: ['linux/arm64'] }),
    onFinding: ({ code, where }) => findings.push(`${code} ${where?.platform}`),
  })
  assert.is(artifacts.length, 1)
  assert.equal(findings, ['optional-target-failed linux/arm64'])
})

testWith(test, ['zig'], 'names the symbol version that is above a floor', async () => {
  const cwd = folderOf({
    'a.c':
      'extern int statx_v(void) __asm__("gettid"); int main(void) { return statx_v() == 0; }\n',
  })
  const ok = zig({ binary: 'a', glibc: '2.34' })
  await compile(release, ok, options(cwd))
  const pretended = { ...ok, expect: () => ({ glibc: '2.28' }) }
  const error = await rejects(
    compile(release, pretended, options(cwd, { cache: false })),
    'ERR_ABOVE_FLOOR',
  )
  assert.match(error.message, /GLIBC_2\.(30|34) of libc\.so\.6/)
})

test('says how to install Zig when it is missing', async () => {
  const cwd = temporaryFolder()
  const nowhere = { PATH: '/nowhere' }
  const error = await rejects(
    compile(release, glibc, options(cwd, { env: nowhere })),
    'ERR_TOOL_MISSING',
  )
  assert.match(error.hint ?? '', /npm install/)
})

test.run()
