import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from '@waybill/binary'
import { cargoZigbuild, command, compile, type CompileOptions } from '@waybill/compile'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { copyExample, environment, releaseOf } from '../helpers/compile.ts'
import { testWith } from '../helpers/needs.ts'
import { rejects } from '../helpers/rejects.ts'

const test = suite('cargoZigbuild')
const release = releaseOf('scim-server')
const floor = cargoZigbuild({ binary: 'scim-server', glibc: '2.28', flags: ['--locked'] })
const platforms = ['linux/amd64', 'linux/arm64']

const options = (cwd: string, more: Partial<CompileOptions> = {}): CompileOptions => ({
  cwd,
  env: environment(),
  platforms: ['linux/amd64'],
  ...more,
})

const version = (...line: readonly string[]): string =>
  execFileSync(line[0]!, [...line.slice(1), '--version'], { encoding: 'utf8' })

testWith(
  test,
  ['cargo-zigbuild', 'cargo', 'qemu'],
  'S1: a floor of 2.28 is kept, and libgcc_s is not needed',
  async () => {
    const cwd = copyExample('scim-server')
    const artifacts = await compile(release, floor, options(cwd, { platforms }))
    for (const [index, machine] of ['x86_64', 'aarch64'].entries()) {
      const facts = await inspect(join(cwd, 'dist', artifacts[index]!.path))
      assert.is(facts.machine, machine)
      const minor = Number(facts.versions['GLIBC']!.split('.')[1])
      assert.ok(minor <= 28, facts.versions['GLIBC'])
      assert.equal(
        facts.needed.filter(
          (library) => !/^(lib(c|m|dl|pthread|rt)\.so\.\d|ld-linux)/.test(library),
        ),
        [],
      )
      // S2: the name carries the triple without the floor.
      assert.is(artifacts[index]!.triple, `${machine}-unknown-linux-gnu`)
    }
    assert.is(version(join(cwd, 'dist/linux-amd64/scim-server')), 'scim-server 1.2.3\n')
  },
)

testWith(
  test,
  ['cargo-zigbuild', 'cargo', 'qemu'],
  'builds static programs with musl, which run under qemu too',
  async () => {
    const cwd = copyExample('scim-server')
    const musl = cargoZigbuild({ binary: 'scim-server', static: true })
    const artifacts = await compile(release, musl, options(cwd, { platforms }))
    assert.is(artifacts[1]!.triple, 'aarch64-unknown-linux-musl')
    assert.is(version(join(cwd, 'dist/linux-amd64/scim-server')), 'scim-server 1.2.3\n')
    assert.is(
      version('qemu-aarch64', join(cwd, 'dist/linux-arm64/scim-server')),
      'scim-server 1.2.3\n',
    )
  },
)

testWith(
  test,
  ['cargo-zigbuild', 'cargo'],
  'S2: makes the same bytes in another folder',
  async () => {
    const digests: string[] = []
    for (const name of ['one', 'a folder with spaces']) {
      const source = copyExample('scim-server')
      const cwd = join(source, name)
      mkdirSync(cwd)
      for (const file of ['Cargo.toml', 'Cargo.lock', 'src'])
        renameSync(join(source, file), join(cwd, file))
      const env = { ...environment(), RUSTFLAGS: '-C opt-level=0', TZ: 'Asia/Tokyo' }
      const [artifact] = await compile(release, floor, options(cwd, { env }))
      digests.push(artifact!.digest)
    }
    assert.is(digests[0], digests[1])
  },
)

testWith(
  test,
  ['cargo-zigbuild', 'cargo'],
  'S1: an unknown floor is an error before building',
  async () => {
    const cwd = copyExample('scim-server')
    const future = cargoZigbuild({ binary: 'scim-server', glibc: '2.99' })
    await rejects(compile(release, future, options(cwd)), 'ERR_UNKNOWN_GLIBC')
  },
)

testWith(
  test,
  ['cargo-zigbuild', 'cargo'],
  'wants an SDK for darwin, and the target installed',
  async () => {
    const cwd = copyExample('scim-server')
    const error = await rejects(
      compile(release, floor, options(cwd, { platforms: ['linux/s390x'] })),
      'ERR_TOOL_MISSING',
    )
    assert.match(error.hint ?? '', /rustup target add s390x-unknown-linux-gnu/)
    const mac = options(cwd, { platforms: ['darwin/arm64'] })
    const failed = await rejects(compile(release, floor, mac), macCode())
    assert.match(failed.hint ?? '', /SDKROOT|rustup target add/)
  },
)

// Without Rust's library for the Mac that is what is said first.
function macCode(): 'ERR_NO_SDK' | 'ERR_TOOL_MISSING' {
  const sysroot = execFileSync('rustc', ['--print', 'sysroot'], { encoding: 'utf8' }).trim()
  const here = existsSync(join(sysroot, 'lib/rustlib/aarch64-apple-darwin/lib'))
  return here ? 'ERR_NO_SDK' : 'ERR_TOOL_MISSING'
}

testWith(
  test,
  ['cargo'],
  "S1: refuses a plain cargo build's libgcc_s and newer glibc, naming them",
  async () => {
    const cwd = copyExample('scim-server')
    const script =
      'cargo build --release --locked --target-dir "$1" && cp "$1/release/scim-server" "$0"'
    const plain = { binary: 'scim-server', command: ['sh', '-c', script, '{output}', '{scratch}'] }
    const floored = command({ ...plain, glibc: '2.28' })
    const above = await rejects(compile(release, floored, options(cwd)), 'ERR_ABOVE_FLOOR')
    assert.match(above.message, /GLIBC_2\.3\d of libc\.so\.6/)
    const bare = command({ ...plain, libraries: ['libc.so.6', 'ld-linux*'] })
    const library = await rejects(compile(release, bare, options(cwd)), 'ERR_UNEXPECTED_LIBRARY')
    assert.match(library.message, /libgcc_s\.so\.1/)
  },
)

test.run()
