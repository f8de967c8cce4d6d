// The Rust service as it is released and as a plain `cargo build` makes it, upon bases of real Debian packages: what is accepted starts, what is refused would not.
import { execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from '@waybill/binary'
import { cargoZigbuild, command, compile, type Toolchain } from '@waybill/compile'
import type { Artifact } from '@waybill/core'
import { makeBase, type Recipe } from '@waybill/debian'
import { writeLayout, type Base } from '@waybill/oci'
import { assemble, checkFit, chooseBase } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { run } from '../helpers/cli.ts'
import { copyExample, environment, releaseOf } from '../helpers/compile.ts'
import { testWith } from '../helpers/needs.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const DOCKER = '/usr/bin/docker'
const test = suite('Rust service on real bases')
const release = releaseOf('scim-server')
const platforms = ['linux/amd64', 'linux/arm64']
const binary = 'scim-server'

const floored = cargoZigbuild({ binary, glibc: '2.28', flags: ['--locked'] })
// What a project does without Waybill: cargo and the system's own linker.
const plain = command({
  binary,
  command: [
    'sh',
    '-c',
    'cargo build --release --locked --target "$1" --target-dir "$2" && cp "$2/$1/release/scim-server" "$0"',
    '{output}',
    '{triple}',
    '{scratch}',
  ],
  env: { CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER: 'aarch64-linux-gnu-gcc' },
})

interface Built {
  readonly out: string
  readonly artifacts: readonly Artifact[]
}

const once = <Key, Value>(make: (key: Key) => Promise<Value>): ((key: Key) => Promise<Value>) => {
  const made = new Map<Key, Promise<Value>>()
  return (key) => made.get(key) ?? made.set(key, make(key)).get(key)!
}

const built = once<Toolchain, Built>(async (toolchain) => {
  const cwd = copyExample('scim-server')
  const artifacts = await compile(release, toolchain, { cwd, env: environment(), platforms })
  return { out: join(cwd, 'dist'), artifacts }
})

const cache = temporaryFolder('debian')
const baseOf = once<Recipe, Base>((recipe) =>
  makeBase(recipe, { platforms, suite: 'trixie', cache }),
)

const layoutOf = once<`${'floored' | 'plain'} on ${Recipe}`, string>(async (name) => {
  const [kind, recipe] = name.split(' on ') as ['floored' | 'plain', Recipe]
  const { out, artifacts } = await built(kind === 'plain' ? plain : floored)
  const image = await assemble(release, artifacts, {
    out,
    base: await baseOf(recipe),
    path: '/usr/local/bin/scim-server',
    config: { cmd: ['--host', '0.0.0.0'], exposedPorts: ['3000/tcp'] },
  })
  const folder = join(temporaryFolder('layout'), 'layout')
  await writeLayout(image.content, folder, { reference: 'it' })
  return folder
})

const tell = (file: string, ...args: readonly string[]): string =>
  execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()

testWith(
  test,
  ['apt', 'cargo-zigbuild', 'cargo'],
  'with a floor of 2.28 it needs no libgcc_s, and base-nossl is the smallest base it fits on',
  async () => {
    const { out, artifacts } = await built(floored)
    const candidates = await Promise.all(
      (['cc', 'base', 'base-nossl', 'static'] as const).map(baseOf),
    )
    for (const { path } of artifacts) {
      const facts = await inspect(join(out, path))
      assert.not.ok(facts.needed.includes('libgcc_s.so.1'), path)
      const chosen = await chooseBase(facts, [...candidates, 'scratch'], { name: binary })
      assert.is(chosen.base, await baseOf('base-nossl'))
      assert.equal(
        chosen.rejected.map(({ base, findings }) => [base === 'scratch', findings[0]!.code]),
        [
          [true, 'library-missing'],
          [false, 'loader-missing'],
        ],
      )
    }
  },
)

testWith(
  test,
  ['apt', 'cargo', 'gcc-aarch64'],
  'a plain `cargo build` is refused on base-nossl before anything is written, and accepted on cc alone',
  async () => {
    const { out, artifacts } = await built(plain)
    const base = await baseOf('base-nossl')
    for (const artifact of artifacts) {
      const facts = await inspect(join(out, artifact.path))
      assert.ok(facts.needed.includes('libgcc_s.so.1'), artifact.path)
      const report = await checkFit(facts, base, { name: binary })
      assert.equal(
        report.findings.map(({ message }) => message),
        ['scim-server needs libgcc_s.so.1, which the base does not have'],
      )
      const before = readdirSync(out, { recursive: true })
      const options = { out, base, path: '/usr/local/bin/scim-server' }
      const error = await rejects(assemble(release, [artifact], options), 'ERR_DOES_NOT_FIT')
      assert.match(error.message, `${artifact.platform}: scim-server would not start on base-nossl`)
      assert.match(error.hint ?? '', /\(cc\)/)
      assert.equal(readdirSync(out, { recursive: true }), before)
      const smaller = await Promise.all((['static', 'base-nossl', 'base'] as const).map(baseOf))
      await rejects(chooseBase(facts, smaller), 'ERR_NO_BASE_FITS')
      assert.ok((await checkFit(facts, await baseOf('cc'))).ok)
    }
  },
)

for (const name of ['floored on base-nossl', 'plain on cc'] as const) {
  const tools = name.startsWith('plain')
    ? (['gcc-aarch64'] as const)
    : (['cargo-zigbuild'] as const)

  testWith(
    test,
    ['apt', 'cargo', 'skopeo', 'docker', ...tools],
    `starts under docker: ${name}`,
    async () => {
      const layout = await layoutOf(name)
      const image = `waybill-test-rust-${name.replaceAll(' ', '-')}-${process.pid}:latest`
      tell('skopeo', '--insecure-policy', 'copy', `oci:${layout}:it`, `docker-daemon:${image}`)
      try {
        assert.is(
          tell(DOCKER, 'run', '--rm', '--network=none', image, '--version'),
          'scim-server 1.2.3',
        )
        await answersUnderDocker(image)
      } finally {
        tell(DOCKER, 'rmi', '--force', image)
      }
    },
  )

  testWith(
    test,
    ['apt', 'cargo', 'skopeo', 'umoci', 'qemu', ...tools],
    `starts under qemu for arm64: ${name}`,
    async () => {
      const root = unpack(await layoutOf(name))
      const program = ['-L', root, join(root, 'usr/local/bin/scim-server')]
      assert.is(tell('qemu-aarch64', ...program, '--version'), 'scim-server 1.2.3')
      await answersUnderQemu(program)
    },
  )
}

testWith(
  test,
  ['apt', 'cargo', 'skopeo', 'umoci', 'qemu', 'gcc-aarch64', 'cargo-zigbuild'],
  'what was refused really does not start',
  async () => {
    const { out } = await built(plain)
    const root = unpack(await layoutOf('floored on base-nossl'))
    const result = await run('qemu-aarch64', ['-L', root, join(out, 'linux-arm64/scim-server')])
    assert.is.not(result.code, 0)
    assert.match(result.stderr, /libgcc_s\.so\.1: cannot open shared object file/)
  },
)

/** The file system of the image's arm64, by umoci. */
function unpack(layout: string): string {
  const [single, bundle] = [temporaryFolder('single'), join(temporaryFolder('bundle'), 'b')]
  const arm = ['--override-arch=arm64', '--insecure-policy']
  tell('skopeo', ...arm, 'copy', `oci:${layout}:it`, `oci:${single}:it`)
  tell('umoci', 'unpack', '--rootless', '--image', `${single}:it`, bundle)
  return join(bundle, 'rootfs')
}

// Without arguments, so by the image's own command; PORT=0 lets the system choose, and the service says what it was.
async function answersUnderDocker(image: string): Promise<void> {
  const words = ['run', '--detach', '--network=host', '--env=PORT=0', image]
  const id = tell(DOCKER, ...words)
  try {
    await answers(() => tell(DOCKER, 'logs', id))
    assert.is(tell(DOCKER, 'inspect', '--format={{.Config.User}}', id), '65532')
    const [, uid] = /^Uid:\s+(\d+)/m.exec(
      statusOf(tell(DOCKER, 'inspect', '--format={{.State.Pid}}', id)),
    )!
    assert.is(uid, '65532')
    tell(DOCKER, 'stop', '--time=30', id)
    assert.is(tell(DOCKER, 'inspect', '--format={{.State.ExitCode}}', id), '0')
  } finally {
    tell(DOCKER, 'rm', '--force', id)
  }
}

const statusOf = (pid: string): string => readFileSync(`/proc/${pid}/status`, 'utf8')

async function answersUnderQemu(program: readonly string[]): Promise<void> {
  const child = spawn('qemu-aarch64', program, { env: { PORT: '0' } })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  const ended = new Promise<number | null>((done) => child.once('close', done))
  try {
    await answers(() => said)
  } finally {
    child.kill('SIGTERM')
  }
  assert.is(await ended, 0)
}

async function answers(said: () => string): Promise<void> {
  let text = said()
  for (let tries = 0; tries < 300 && !text.includes('listens on'); tries++) {
    await sleep(100)
    text = said()
  }
  const [, port] = /listens on [\d.]+:(\d+)/.exec(text) ?? []
  assert.ok(port !== undefined, text)
  const response = await fetch(`http://127.0.0.1:${port}/Users`)
  assert.match(await response.text(), /"totalResults":0/)
}

test.run()
